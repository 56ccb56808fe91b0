import { CONFIG_WORD } from '#contract/machine-config';
import type { MachineDriver } from '../../../controller/src/machines/driver.ts';

/** What a machine can be told to break. `config` and `config-text` spoil its config; the others are init.sh's. */
export type Fault = 'none' | 'config' | 'config-text' | 'gstreamer' | 'encoder' | 'agent' | 'xorg' | 'x11vnc' | 'disk' | 'silent' | 'exit';

/** A driver that puts the next fault on the kernel line of each machine that it starts. */
export function breakDriver(driver: MachineDriver, nextFault: () => Fault): MachineDriver {
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
