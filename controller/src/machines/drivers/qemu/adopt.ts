import { join } from 'node:path';
import { isAlive } from '../../../host/process.ts';
import type { Machine, MachineRecord } from '../../driver.ts';
import type { CgroupPlan } from '../../shim/cgroup-plan.ts';
import { attachMachine } from '../../shim/machine.ts';
import { findRecorded } from '../../vm/find-recorded.ts';
import { explainByConsole } from '../../vm/panic.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { takeDown } from '../../vm/take-down.ts';
import type { Context } from './context.ts';
import { Qmp } from './qmp.ts';

const ASK_MS = 1_000;

/** The recorded machine, when it can be proven to be that one. */
export async function adoptMachine(context: Context, record: MachineRecord): Promise<Machine | undefined> {
  const cgroup = await findRecorded(context, record);
  return cgroup && attachQemu(record, cgroup, join(record.runDir, 'console.log'));
}

export function attachQemu(record: MachineRecord, cgroup: CgroupPlan, console: string): Machine {
  return attachMachine({
    record,
    cgroup,
    ask: () => pressPowerButton(record),
    takeDown: () => takeDown(cgroup),
    explain: (exit) => explainByConsole(exit, console),
  });
}

/** The guest's init ends everything in order then. */
async function pressPowerButton(record: MachineRecord): Promise<boolean> {
  if (!(await isAlive(record))) return false;
  const qmp = await Qmp.connect(toVmPaths(record.runDir).qmp, AbortSignal.timeout(ASK_MS));
  try {
    await qmp.execute('system_powerdown');
    return true;
  } finally {
    qmp.close();
  }
}
