import { isAlive } from '../../../host/process.ts';
import type { Machine, MachineRecord } from '../../driver.ts';
import { planCgroup } from './cgroup-plan.ts';
import { readMembers } from './cgroup.ts';
import type { Context } from './context.ts';
import { attachMachine } from './machine.ts';
import { NO_LIMITS, takeDown } from './take-down.ts';

/** The recorded machine, when its process is provably still that one: same pid, same start, and in the machine's own group. */
export async function adoptMachine(context: Context, record: MachineRecord): Promise<Machine | undefined> {
  const runtime = await context.runtime();
  const cgroup = planCgroup(runtime.layout, runtime.instance, record.machineId, NO_LIMITS);
  const members = await readMembers(cgroup);
  if (!members.includes(record.pid) || !(await isAlive(record))) return undefined;
  return attachMachine(record, cgroup, () => takeDown(context, cgroup, record.machineId));
}
