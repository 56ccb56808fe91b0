import type { MachineDriver } from '../../driver.ts';
import { closeHost } from '../../vm/close.ts';
import type { VmDriverOptions } from '../../vm/context.ts';
import { removeMachine } from '../../vm/take-down.ts';
import { adoptMachine, readExit } from './adopt.ts';
import type { Accelerator } from './argv.ts';
import { checkHost } from './check.ts';
import { createContext } from './context.ts';
import { toSnapshotKey } from './snapshot-key.ts';
import { startMachine } from './start.ts';

export interface QemuDriverOptions extends VmDriverOptions {
  accelerator: Accelerator;
}

/** An emulated processor is about thirty times slower; what waits for disks and timers is not. */
const TCG_PACE = 5;

/** Machines as microvms of QEMU: a kernel of their own. With KVM at full speed, or emulated. */
export function createQemuDriver(options: QemuDriverOptions): Required<MachineDriver> {
  const context = createContext(options);
  return {
    name: 'qemu',
    isolation: 'virtual-machine',
    link: 'tap',
    pace: options.accelerator === 'kvm' ? 1 : TCG_PACE,
    check: () => checkHost(),
    prepare: async () => void (await context.template(options.diskMib)),
    start: (spec, signal, network) => startMachine(context, spec, signal, network),
    toSnapshotKey: (spec) => toSnapshotKey(context, spec),
    adopt: (record) => adoptMachine(context, record),
    readExit: (record) => readExit(context, record),
    remove: (record) => removeMachine(context, record),
    close: () => closeHost(context),
  };
}
