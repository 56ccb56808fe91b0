import { join } from 'node:path';
import { isAlive } from '../../../host/process.ts';
import type { Machine, MachineRecord } from '../../driver.ts';
import { NO_LIMITS, planCgroup, type CgroupPlan } from '../../shim/cgroup-plan.ts';
import { readMembers } from '../../shim/cgroup.ts';
import { attachMachine } from '../../shim/machine.ts';
import { explainByConsole } from '../../vm/panic.ts';
import type { Context } from './context.ts';
import { takeDown } from './take-down.ts';

/** The recorded machine, when its process is provably still that one: same pid, same start, and in the machine's own group. */
export async function adoptMachine(context: Context, record: MachineRecord): Promise<Machine | undefined> {
  const cgroup = planCgroup(await context.layout(), context.instance, record.machineId, NO_LIMITS);
  const members = await readMembers(cgroup);
  if (!members.includes(record.pid) || !(await isAlive(record))) return undefined;
  return attachQemu(record, cgroup, join(record.runDir, 'console.log'));
}

export function attachQemu(record: MachineRecord, cgroup: CgroupPlan, console: string): Machine {
  return attachMachine({
    record,
    cgroup,
    // Nobody in the guest listens to a power button, and nothing in it is worth waiting for.
    ask: async () => false,
    takeDown: () => takeDown(cgroup),
    explain: (exit) => explainByConsole(exit, console),
  });
}
