import { join } from 'node:path';
import type { Machine, MachineExit, MachineRecord } from '../../driver.ts';
import type { CgroupPlan } from '../../shim/cgroup-plan.ts';
import { attachMachine, watchExit } from '../../shim/machine.ts';
import { findRecorded, toGroups } from '../../vm/find-recorded.ts';
import { explainByConsole } from '../../vm/panic.ts';
import { takeDown } from '../../vm/take-down.ts';
import type { Context } from './context.ts';
import { saveMachine } from './snapshot.ts';

/** The recorded machine, when it can be proven to be that one. */
export async function adoptMachine(context: Context, record: MachineRecord): Promise<Machine | undefined> {
  const cgroup = await findRecorded(context, record);
  return cgroup && attachQemu(context, record, cgroup, join(record.runDir, 'console.log'));
}

/** How one that cannot be adopted has ended. */
export async function readExit(context: Context, record: MachineRecord): Promise<MachineExit> {
  const exit = await watchExit(record, await toGroups(context, record));
  return explainByConsole(exit, join(record.runDir, 'console.log'));
}

export function attachQemu({ stage }: Context, record: MachineRecord, cgroup: CgroupPlan, console: string): Machine {
  const machine = attachMachine({
    record,
    cgroup,
    // Nobody in the guest listens to a power button, and nothing in it is worth waiting for.
    ask: async () => false,
    takeDown: () => takeDown(cgroup),
    explain: (exit) => explainByConsole(exit, console),
  });
  return { ...machine, snapshot: (dir, signal) => saveMachine(record, stage, dir, signal) };
}
