import type { Logger } from 'pino';
import type { MachineDriver } from '../../driver.ts';
import { adoptMachine, readExit } from './adopt.ts';
import { checkHost } from './check.ts';
import { createContext } from './context.ts';
import { closeImages, prepareImage } from './prepare.ts';
import { startMachine } from './start.ts';
import { removeMachine } from './take-down.ts';

export interface ContainerDriverOptions {
  /** Directory of this instance below /run: image mounts, crun's states. Gone with a reboot, as they are. */
  runDir: string;
  instance: string;
  log: Logger;
}

/** Machines as containers (crun) on the same image: full speed on any host, but they share the host's kernel. */
export function createContainerDriver(options: ContainerDriverOptions): Required<Omit<MachineDriver, 'toSnapshotKey'>> {
  const context = createContext(options);
  return {
    name: 'container',
    isolation: 'shared-kernel',
    link: 'interface',
    pace: 1,
    check: () => checkHost(),
    prepare: async (image, signal) => void (await prepareImage(context, image, signal)),
    start: (spec, signal, network) => startMachine(context, spec, signal, network),
    adopt: (record) => adoptMachine(context, record),
    readExit: (record) => readExit(context, record),
    remove: (record) => removeMachine(context, record),
    close: () => closeImages(context),
  };
}
