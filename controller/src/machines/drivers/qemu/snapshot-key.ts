import type { MachineSpec } from '../../driver.ts';
import { toVmSnapshotKey } from '../../vm/snapshot-key.ts';
import type { Context } from './context.ts';

/** What the memory of a machine depends on: what it is made of, and by which QEMU. */
export async function toSnapshotKey(context: Context, spec: MachineSpec): Promise<string> {
  return toVmSnapshotKey(context, spec, { driver: 'qemu', accelerator: context.accelerator, version: await context.version() });
}
