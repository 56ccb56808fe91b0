import { isAlive } from '../../host/process.ts';
import type { MachineRecord } from '../driver.ts';
import { NO_LIMITS, planCgroup, type CgroupPlan } from '../shim/cgroup-plan.ts';
import { readMembers } from '../shim/cgroup.ts';
import type { VmContext } from './context.ts';

/** Groups of the recorded machine, when its process is provably still that one: same pid, same start, and in these very groups. */
export async function findRecorded(context: VmContext, record: MachineRecord): Promise<CgroupPlan | undefined> {
  const cgroup = await toGroups(context, record);
  const members = await readMembers(cgroup);
  return members.includes(record.pid) && (await isAlive(record)) ? cgroup : undefined;
}

/** Groups of the recorded machine, whether they are there or not. */
export async function toGroups(context: VmContext, { machineId }: MachineRecord): Promise<CgroupPlan> {
  return planCgroup(await context.layout(), context.instance, machineId, NO_LIMITS);
}
