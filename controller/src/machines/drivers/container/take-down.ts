import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { signalProcess } from '../../../host/process.ts';
import type { MachineDriver } from '../../driver.ts';
import { NO_LIMITS, planCgroup, type CgroupPlan } from '../../shim/cgroup-plan.ts';
import { removeCgroup } from '../../shim/cgroup.ts';
import type { Context } from './context.ts';

/** Time for the kernel to end processes that were killed. */
const KILL_MS = 5_000;

/**
 * Ends every process of a machine, shim included, and takes away its groups and crun's state. Its mounts were in a mount
 * namespace that ends with them. (`crun delete` would do no more than remove the state: cgroups are not crun's here.)
 */
export async function takeDown(context: Context, cgroup: CgroupPlan, machineId: string): Promise<void> {
  await removeCgroup(cgroup, KILL_MS);
  const { stateDir } = await context.runtime();
  await rm(join(stateDir, machineId), { recursive: true, force: true });
}

/** What a crash left of a machine: the recorded process if it is still that one, and all that is in the machine's group. */
export async function removeMachine(context: Context, record: Parameters<MachineDriver['remove']>[0]): Promise<void> {
  const runtime = await context.runtime();
  const { machineId, pid, startTime } = record;
  if (pid !== undefined && startTime !== undefined) await signalProcess({ pid, startTime }, 'SIGKILL');
  await takeDown(context, planCgroup(runtime.layout, runtime.instance, machineId, NO_LIMITS), machineId);
}
