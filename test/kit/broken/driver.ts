import { CONFIG_WORD } from '#contract/machine-config';
import { createDrivers } from '../../../controller/src/machines/choose-driver.ts';
import type { MachineDriver } from '../../../controller/src/machines/driver.ts';
import type { Breakage } from './controller.ts';
import { makeBrokenImage } from './image.ts';

/** What a machine can be told to break. `config` and `config-text` spoil its config; the others are init.sh's. */
export type Fault = 'none' | 'config' | 'config-text' | 'gstreamer' | 'encoder' | 'agent' | 'xorg' | 'x11vnc' | 'disk' | 'silent' | 'exit';

/** Containers of an image whose init breaks what it is told. */
export const BROKEN_CONTAINERS: Breakage<Fault> = {
  instance: 'oriebrk',
  makeImages: makeBrokenImage,
  createDriver: (config, log, nextFault) => breakDriver(createDrivers(config, log).container, () => nextFault() ?? 'none'),
};

/** A driver that puts the next fault on the kernel line of each machine that it starts. */
function breakDriver(driver: MachineDriver, nextFault: () => Fault): MachineDriver {
  return { ...driver, start: (spec, ...when) => driver.start({ ...spec, configArg: spoil(spec.configArg, nextFault()) }, ...when) };
}

/** One word after the config's. The container's init splits its arguments as it splits a virtual machine's line. */
function spoil(configArg: string, fault: Fault): string {
  if (fault === 'config-text') return `${CONFIG_WORD}=not+base64url`;
  const config = fault === 'config' ? withWrongField(configArg) : configArg;
  return `${config} oriel.break=${fault}`;
}

function withWrongField(configArg: string): string {
  const config = JSON.parse(Buffer.from(configArg.slice(CONFIG_WORD.length + 1), 'base64url').toString()) as {
    display: { width: unknown };
  };
  config.display.width = 'wide';
  return `${CONFIG_WORD}=${Buffer.from(JSON.stringify(config)).toString('base64url')}`;
}
