import { chown, mkdir, writeFile } from 'node:fs/promises';
import { readStartTime } from '../../host/process.ts';
import { within } from '../../host/within.ts';
import {
  MachineStartFailed,
  type DriverName,
  type Machine,
  type MachineRecord,
  type MachineSpec,
  type NetworkProgress,
} from '../driver.ts';
import { planCgroup, type CgroupPlan } from '../shim/cgroup-plan.ts';
import { createCgroup } from '../shim/cgroup.ts';
import { launch } from '../shim/launch.ts';
import { toShimPaths } from '../shim/paths.ts';
import type { VmContext } from './context.ts';
import { toVmPaths } from './paths.ts';
import { takeDown } from './take-down.ts';
import { tellVmm, withLastWords } from './tell.ts';

const LAUNCH_MS = 5_000;
const TELL_MS = 8_000;

/** What differs between VMMs in the start of a machine. */
export interface VmStart {
  driver: DriverName;
  /** How errors name the VMM. */
  name: string;
  /** What to say when it is gone before it could be told anything. */
  died: string;
  /** Of all its processes together. */
  limits: MachineSpec['limits'];
  /** argv that starts it in these groups, with its shim. */
  toArgv(groups: readonly string[]): string[];
  /** Tells the VMM, which waits, what to boot. */
  talk(record: MachineRecord, limit: AbortSignal): Promise<void>;
  attach(record: MachineRecord, cgroup: CgroupPlan): Machine;
}

interface StartWhen {
  signal: AbortSignal;
  network: NetworkProgress | undefined;
}

/** Starts a virtual machine. `prepare` says what is missing before anything is made. Throws MachineStartFailed, with nothing left of it. */
export async function startVm(context: VmContext, spec: MachineSpec, when: StartWhen, prepare: () => Promise<VmStart>): Promise<Machine> {
  try {
    return await start(context, spec, when, await prepare());
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MachineStartFailed(`virtual machine ${spec.machineId} was not started: ${reason}`, { cause });
  }
}

async function start(context: VmContext, spec: MachineSpec, { signal, network }: StartWhen, vm: VmStart): Promise<Machine> {
  const { machineId, runDir, console } = spec;
  const cgroup = planCgroup(await context.layout(), context.instance, machineId, vm.limits);
  const paths = toShimPaths(runDir, machineId);
  for (const dir of [context.stage, paths.bundle, paths.exitDir]) await mkdir(dir, { recursive: true, mode: 0o700 });
  await makeFiles(spec);

  await using undo = new AsyncDisposableStack();
  undo.defer(() => takeDown(cgroup).catch((err: unknown) => context.log.error({ err, machine: machineId }, 'could not be taken down')));
  await createCgroup(cgroup);
  signal.throwIfAborted();
  const pid = await launch([...cgroup.unit, ...vm.toArgv(cgroup.groups)], paths.launchLog, LAUNCH_MS, signal, network?.made);
  const record = await toRecord(spec, vm, pid);
  // The VMM is there and waits: a guest runs behind its wall, or not at all.
  await within(signal, network?.up ?? Promise.resolve());
  await tellVmm({ name: vm.name, record, console: console.path, limitMs: TELL_MS }, signal, (limit) => vm.talk(record, limit));
  undo.move();
  return vm.attach(record, cgroup);
}

/** What the VMM's user can write: its directory, and in it the file of the overlay, still empty. */
async function makeFiles({ runDir, hostUser }: MachineSpec): Promise<void> {
  const { files, overlay } = toVmPaths(runDir);
  await mkdir(files, { mode: 0o700 });
  await writeFile(overlay, '', { mode: 0o600, flag: 'wx' });
  for (const path of [overlay, files]) await chown(path, hostUser, hostUser);
}

async function toRecord({ machineId, runDir, console }: MachineSpec, { driver, died }: VmStart, pid: number): Promise<MachineRecord> {
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error(await withLastWords(died, console.path));
  return { machineId, driver, runDir, pid, startTime };
}
