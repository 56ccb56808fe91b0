import { signalProcess } from '../../host/process.ts';
import type { MachineDriver } from '../driver.ts';
import { NO_LIMITS, planCgroup, type CgroupPlan } from '../shim/cgroup-plan.ts';
import { removeCgroup } from '../shim/cgroup.ts';
import type { VmContext } from './context.ts';

/** Time for the kernel to end processes that were killed. */
const KILL_MS = 5_000;

/**
 * Ends every process of a machine, shim included, and takes away its groups. Its mounts, and with them a jail, were in a mount
 * namespace that ends with them.
 */
export function takeDown(cgroup: CgroupPlan): Promise<void> {
  return removeCgroup(cgroup, KILL_MS);
}

/** What a crash left of a machine: the recorded process if it is still that one, and all that is in the machine's group. */
export async function removeMachine(context: VmContext, record: Parameters<MachineDriver['remove']>[0]): Promise<void> {
  const { machineId, pid, startTime } = record;
  if (pid !== undefined && startTime !== undefined) await signalProcess({ pid, startTime }, 'SIGKILL');
  await takeDown(planCgroup(await context.layout(), context.instance, machineId, NO_LIMITS));
}
