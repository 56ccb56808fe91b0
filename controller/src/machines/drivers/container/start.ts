import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStartTime } from '../../../host/process.ts';
import { run } from '../../../host/run.ts';
import { within } from '../../../host/within.ts';
import { MachineStartFailed, type Machine, type MachineRecord, type MachineSpec, type NetworkProgress } from '../../driver.ts';
import { planCgroup } from '../../shim/cgroup-plan.ts';
import { createCgroup } from '../../shim/cgroup.ts';
import type { Context } from './context.ts';
import { toFirstHostId } from './host-ids.ts';
import type { MountedImage } from './image-mount.ts';
import { launch } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { planLaunch } from './launch.ts';
import { attachContainer } from './adopt.ts';
import { planOciConfig } from './oci-config.ts';
import { toStage } from './paths.ts';
import { prepareImage } from './prepare.ts';
import { planCrun, type Runtime } from './runtime.ts';
import { takeDown } from './take-down.ts';

const LAUNCH_MS = 20_000;
const START_MS = 10_000;
/** Mount options know no quoting that every character would survive. */
const PLAIN_PATH = /^\/[\w./-]+$/;

/** Starts a container. Throws MachineStartFailed, with nothing left of it. */
export async function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
  try {
    return await start(context, spec, signal, network);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MachineStartFailed(`container ${spec.machineId} was not started: ${reason}`, { cause });
  }
}

async function start(context: Context, spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
  const { machineId, runDir } = spec;
  if (!PLAIN_PATH.test(runDir)) throw new Error(`${runDir}: letters, digits and . _ - / only can be in the path of a machine's directory`);
  const image = await within(signal, prepareImage(context, spec.image));
  const runtime = await context.runtime();
  const cgroup = planCgroup(runtime.layout, runtime.instance, machineId, spec.limits);
  signal.throwIfAborted();
  await writeBundle(spec, image, runtime);

  await using undo = new AsyncDisposableStack();
  undo.defer(() =>
    takeDown(context, cgroup, machineId).catch((err: unknown) => context.log.error({ err, machine: machineId }, 'could not be taken down')),
  );
  await createCgroup(cgroup);
  signal.throwIfAborted();
  const argv = [...cgroup.unit, ...planLaunch(spec, image, cgroup.groups, runtime)];
  const pid = await launch(argv, toShimPaths(runDir, machineId).launchLog, LAUNCH_MS, signal, network?.up);
  // Read while it waits to be started: afterwards it may end at any moment, which is for its machine object to tell.
  const record = await toRecord(spec, pid);
  await run(planCrun(runtime, 'start', machineId), { signal, timeoutMs: START_MS });
  signal.throwIfAborted();
  undo.move();
  return attachContainer(context, record, cgroup);
}

async function writeBundle(spec: MachineSpec, image: MountedImage, { instance }: Runtime): Promise<void> {
  const paths = toShimPaths(spec.runDir, spec.machineId);
  for (const dir of [paths.bundle, paths.exitDir]) await mkdir(dir, { recursive: true, mode: 0o700 });
  const { stage, root, sys } = toStage(instance);
  await mkdir(stage, { recursive: true, mode: 0o755 });
  const options = {
    root,
    sys,
    firstHostId: image.canShift ? toFirstHostId(spec.hostUser) : undefined,
    maxOpenFiles: await readMaxOpenFiles(),
  };
  await writeFile(join(paths.bundle, 'config.json'), JSON.stringify(planOciConfig(spec, options)), { mode: 0o600 });
}

async function toRecord({ machineId, runDir }: MachineSpec, pid: number): Promise<MachineRecord> {
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error('its first process ended before it was started');
  return { machineId, driver: 'container', runDir, pid, startTime };
}

/** Hard limit of open files, which a container cannot go beyond. */
async function readMaxOpenFiles(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
}
