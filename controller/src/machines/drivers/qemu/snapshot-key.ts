import { run } from '../../../host/run.ts';
import type { MachineSpec } from '../../driver.ts';
import { toVmSnapshotKey } from '../../vm/snapshot-key.ts';
import type { Context } from './context.ts';

const VERSION_MS = 5_000;

/** What the memory of a machine depends on: what it is made of, and by which QEMU. */
export async function toSnapshotKey(context: Context, spec: MachineSpec): Promise<string> {
  const version = await run(['qemu-system-x86_64', '--version'], { timeoutMs: VERSION_MS });
  return toVmSnapshotKey(context, spec, { driver: 'qemu', accelerator: context.accelerator, version });
}
