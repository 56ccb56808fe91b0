import { cpus } from 'node:os';
import { run } from '../../../host/run.ts';
import type { MachineSpec } from '../../driver.ts';
import { GUEST_MAC } from '../../../net/guest-mac.ts';
import { toVmSnapshotKey } from '../../vm/snapshot-key.ts';
import type { Context } from './context.ts';
import { toBootRequests } from './requests.ts';
import { parseVersion } from './version.ts';

const VERSION_MS = 5_000;

/** What the memory of a machine depends on: what it is made of, by which Firecracker, and on which processor. */
export async function toSnapshotKey(context: Context, spec: MachineSpec): Promise<string> {
  const { firecracker } = await context.programs();
  // What it prints has the time in it.
  const version = parseVersion(await run([firecracker, '--version'], { timeoutMs: VERSION_MS }));
  // Its devices and their limits, which are in the snapshot. The kernel line is made of what is in the key already.
  const calls = toBootRequests({ ...spec.limits, kernelLine: '', mac: GUEST_MAC });
  return toVmSnapshotKey(context, spec, { driver: 'firecracker', version, processor: cpus()[0]?.model, calls });
}
