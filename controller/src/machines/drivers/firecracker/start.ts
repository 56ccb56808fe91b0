import { mkdir } from 'node:fs/promises';
import { readStartTime } from '../../../host/process.ts';
import { MachineStartFailed, type Machine, type MachineRecord, type MachineSpec } from '../../driver.ts';
import { exists } from '../../host-check.ts';
import { planCgroup } from '../../shim/cgroup-plan.ts';
import { createCgroup } from '../../shim/cgroup.ts';
import { launch } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { GUEST_MAC } from '../../vm/guest-mac.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { takeDown } from '../../vm/take-down.ts';
import { tellVmm, withLastWords } from '../../vm/tell.ts';
import { attachFirecracker } from './adopt.ts';
import { FirecrackerApi } from './api.ts';
import { boot } from './boot.ts';
import type { Context } from './context.ts';
import { planLaunch, type FirecrackerLaunch } from './launch.ts';
import { toVmmLimits } from './limits.ts';
import { toTalkPaths } from './paths.ts';
import type { BootPlan } from './requests.ts';

const LAUNCH_MS = 5_000;
const API_MS = 8_000;

/** Starts a machine. Throws MachineStartFailed, with nothing left of it. */
export async function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal): Promise<Machine> {
  try {
    return await start(context, spec, signal);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MachineStartFailed(`virtual machine ${spec.machineId} was not started: ${reason}`, { cause });
  }
}

async function start(context: Context, spec: MachineSpec, signal: AbortSignal): Promise<Machine> {
  const { machineId, runDir } = spec;
  const plan = toBootPlan(context, spec);
  const bootable = await findKernel(spec);
  const [programs, template, layout] = [await context.programs(), await context.template(spec.diskMib), await context.layout()];
  const cgroup = planCgroup(layout, context.instance, machineId, toVmmLimits(spec));
  const paths = toShimPaths(runDir, machineId);
  for (const dir of [context.stage, paths.bundle, paths.exitDir]) await mkdir(dir, { recursive: true, mode: 0o700 });

  await using undo = new AsyncDisposableStack();
  undo.defer(() => takeDown(cgroup).catch((err: unknown) => context.log.error({ err, machine: machineId }, 'could not be taken down')));
  await createCgroup(cgroup);
  signal.throwIfAborted();
  const { stage, instance } = context;
  const argv = planLaunch({ spec: bootable, programs, stage, instance, layout, template, groups: cgroup.groups });
  const record = await toRecord(spec, await launch(argv, paths.launchLog, LAUNCH_MS, signal));
  await tell(record, plan, spec.console.path, signal);
  undo.move();
  return attachFirecracker(context, record, cgroup, spec.console.path);
}

function toBootPlan({ kernelArgs }: Context, { image, hostname, configArg, limits }: MachineSpec): BootPlan {
  if (image.rootArgs === undefined) throw new Error(`image ${image.id} has no hash tree: just build-image`);
  return {
    cpus: Math.max(1, Math.ceil(limits.cpus)),
    memoryMib: limits.memoryMib,
    kernelLine: toKernelLine({ vmm: 'firecracker', rootArgs: image.rootArgs, hostname, configArg, extra: kernelArgs }),
    mac: GUEST_MAC,
  };
}

/** Said before a mount says it less well. */
async function findKernel(spec: MachineSpec): Promise<FirecrackerLaunch['spec']> {
  const { kernel, image } = spec;
  if (!kernel) throw new Error('there is no kernel to boot: just build-kernel');
  if (!(await exists(kernel.vmlinux))) throw new Error(`kernel ${kernel.id} has lost its file ${kernel.vmlinux}: just build-kernel`);
  if (!(await exists(image.rootfs))) throw new Error(`image ${image.id} has lost its file ${image.rootfs}: just build-image`);
  return { ...spec, kernel };
}

async function toRecord({ machineId, runDir, console }: MachineSpec, pid: number): Promise<MachineRecord> {
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error(await withLastWords('the jailer ended at once', console.path));
  return { machineId, driver: 'firecracker', runDir, pid, startTime };
}

function tell(record: MachineRecord, plan: BootPlan, console: string, signal: AbortSignal): Promise<void> {
  return tellVmm({ name: 'Firecracker', record, console, limitMs: API_MS }, signal, async (limit) => {
    const api = new FirecrackerApi(toTalkPaths(record.runDir).socket);
    try {
      await boot(api, plan, limit);
    } finally {
      api.close();
    }
  });
}
