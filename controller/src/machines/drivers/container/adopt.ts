import { isAlive, signalProcess } from '../../../host/process.ts';
import type { Machine, MachineExit, MachineRecord } from '../../driver.ts';
import { NO_LIMITS, planCgroup, type CgroupPlan } from '../../shim/cgroup-plan.ts';
import { readMembers } from '../../shim/cgroup.ts';
import type { Context } from './context.ts';
import { attachMachine, watchExit } from '../../shim/machine.ts';
import { takeDown } from './take-down.ts';

/** The recorded machine, when its process is provably still that one: same pid, same start, and in the machine's own group. */
export async function adoptMachine(context: Context, record: MachineRecord): Promise<Machine | undefined> {
  const runtime = await context.runtime();
  const cgroup = planCgroup(runtime.layout, runtime.instance, record.machineId, NO_LIMITS);
  const members = await readMembers(cgroup);
  if (!members.includes(record.pid) || !(await isAlive(record))) return undefined;
  return attachContainer(context, record, cgroup);
}

/** How one that cannot be adopted has ended. */
export async function readExit(context: Context, record: MachineRecord): Promise<MachineExit> {
  const { layout, instance } = await context.runtime();
  return watchExit(record, planCgroup(layout, instance, record.machineId, NO_LIMITS));
}

/** Its first process ends everything in order when it is told to. */
export function attachContainer(context: Context, record: MachineRecord, cgroup: CgroupPlan): Machine {
  return attachMachine({
    record,
    cgroup,
    ask: () => signalProcess(record, 'SIGTERM'),
    takeDown: () => takeDown(context, cgroup, record.machineId),
  });
}
