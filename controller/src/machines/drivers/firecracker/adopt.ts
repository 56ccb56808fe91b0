import { join } from 'node:path';
import type { Machine, MachineExit, MachineRecord } from '../../driver.ts';
import type { CgroupPlan } from '../../shim/cgroup-plan.ts';
import { attachMachine, watchExit } from '../../shim/machine.ts';
import { findRecorded, toGroups } from '../../vm/find-recorded.ts';
import { explainByConsole } from '../../vm/panic.ts';
import { takeDown } from '../../vm/take-down.ts';
import type { Context } from './context.ts';
import { explainCode } from './exit.ts';
import { listenTo } from './listen.ts';
import { saveMachine } from './snapshot.ts';

/** The recorded machine, when it can be proven to be that one. */
export async function adoptMachine(context: Context, record: MachineRecord): Promise<Machine | undefined> {
  const cgroup = await findRecorded(context, record);
  return cgroup && attachFirecracker(context, record, cgroup, join(record.runDir, 'console.log'));
}

/** How one that cannot be adopted has ended. */
export async function readExit(context: Context, record: MachineRecord): Promise<MachineExit> {
  const exit = await watchExit(record, await toGroups(context, record));
  return explainByConsole(explainCode(exit), join(record.runDir, 'console.log'));
}

/**
 * Nobody is asked to end: Firecracker has no power button, and its Ctrl-Alt-Del makes our guest's kernel reset at once (nothing takes the
 * key from it), which is no better an end than being killed. Nothing of a machine is kept, so nothing is lost.
 */
export function attachFirecracker(context: Context, record: MachineRecord, cgroup: CgroupPlan, console: string): Machine {
  const over = new AbortController();
  void listenTo(record.machineId, record.runDir, context, over.signal);
  const machine = attachMachine({
    record,
    cgroup,
    ask: async () => false,
    takeDown: async () => {
      await takeDown(cgroup);
      over.abort();
    },
    explain: (exit) => explainByConsole(explainCode(exit), console),
  });
  return { ...machine, snapshot: (dir, signal) => saveMachine(record, dir, signal) };
}
