import type { MachineDriver } from '../../driver.ts';
import { closeHost } from '../../vm/close.ts';
import type { VmDriverOptions } from '../../vm/context.ts';
import { removeMachine } from '../../vm/take-down.ts';
import { adoptMachine, readExit } from './adopt.ts';
import { checkHost } from './check.ts';
import { createContext } from './context.ts';
import type { VmmNumbers } from './metrics.ts';
import type { Programs } from './programs.ts';
import { toSnapshotKey } from './snapshot-key.ts';
import { startMachine } from './start.ts';

export interface FirecrackerDriverOptions extends VmDriverOptions {
  /** Those on the PATH when missing. */
  findPrograms?: () => Promise<Programs>;
}

export interface FirecrackerDriver extends Required<MachineDriver> {
  /** What Firecracker's metrics of all machines came to since this driver was made. */
  readTotals(): VmmNumbers;
}

/** Machines as jailed microVMs of Firecracker: a kernel of their own, at full speed. Needs KVM. */
export function createFirecrackerDriver(options: FirecrackerDriverOptions): FirecrackerDriver {
  const context = createContext(options);
  return {
    name: 'firecracker',
    isolation: 'virtual-machine',
    link: 'tap',
    pace: 1,
    check: () => checkHost(),
    prepare: async () => void (await context.template(options.diskMib)),
    start: (spec, signal, network) => startMachine(context, spec, signal, network),
    toSnapshotKey: (spec) => toSnapshotKey(context, spec),
    adopt: (record) => adoptMachine(context, record),
    readExit: (record) => readExit(context, record),
    remove: (record) => removeMachine(context, record),
    close: () => closeHost(context),
    readTotals: () => ({ ...context.totals }),
  };
}
