import { mkdir } from 'node:fs/promises';
import { readStartTime } from '../../../host/process.ts';
import { MachineStartFailed, type Machine, type MachineRecord, type MachineSpec } from '../../driver.ts';
import { planCgroup } from '../../shim/cgroup-plan.ts';
import { createCgroup } from '../../shim/cgroup.ts';
import { launch } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { GUEST_MAC } from '../../vm/guest-mac.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { planVmLaunch } from '../../vm/launch.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { takeDown } from '../../vm/take-down.ts';
import { tellVmm, withLastWords } from '../../vm/tell.ts';
import { readClockKhz } from '../../vm/tsc.ts';
import { attachQemu } from './adopt.ts';
import { planQemu, toProcessors, toVmmLimits } from './argv.ts';
import type { Context } from './context.ts';
import { Qmp } from './qmp.ts';

const LAUNCH_MS = 5_000;
const QMP_MS = 8_000;

/** Starts a virtual machine. Throws MachineStartFailed, with nothing left of it. */
export async function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal): Promise<Machine> {
  try {
    return await start(context, spec, signal);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MachineStartFailed(`virtual machine ${spec.machineId} was not started: ${reason}`, { cause });
  }
}

async function start(context: Context, spec: MachineSpec, signal: AbortSignal): Promise<Machine> {
  const { machineId, runDir, image, kernel } = spec;
  if (!kernel) throw new Error('there is no kernel to boot: just build-kernel');
  if (image.rootArgs === undefined) throw new Error(`image ${image.id} has no hash tree: just build-image`);
  const line = toKernelLine({ vmm: 'qemu', rootArgs: image.rootArgs, ...toLineParts(context, spec) });
  const template = await context.template(spec.diskMib);
  const cgroup = planCgroup(await context.layout(), context.instance, machineId, toVmmLimits(spec, context.accelerator));
  const paths = toShimPaths(runDir, machineId);
  for (const dir of [context.stage, paths.bundle, paths.exitDir]) await mkdir(dir, { recursive: true, mode: 0o700 });

  await using undo = new AsyncDisposableStack();
  undo.defer(() => takeDown(cgroup).catch((err: unknown) => context.log.error({ err, machine: machineId }, 'could not be taken down')));
  await createCgroup(cgroup);
  signal.throwIfAborted();
  const { stage, accelerator } = context;
  const vmm = planQemu({ ...toMachine(spec), stage, accelerator });
  const devices = ['/dev/net/tun', ...(accelerator === 'kvm' ? ['/dev/kvm'] : [])];
  const argv = planVmLaunch({ spec, stage, template, kernel: kernel.bzImage, groups: cgroup.groups, devices, vmm });
  const pid = await launch(argv, paths.launchLog, LAUNCH_MS, signal);
  const record = await toRecord(spec, pid);
  await boot(record, line, spec.console.path, signal);
  undo.move();
  return attachQemu(record, cgroup, spec.console.path);
}

function toMachine({ limits }: MachineSpec) {
  return { cpus: toProcessors(limits.cpus), memoryMib: limits.memoryMib, mac: GUEST_MAC };
}

function toLineParts({ accelerator, kernelArgs }: Context, { hostname, configArg }: MachineSpec) {
  const clock = accelerator === 'tcg' ? { tscKhz: readClockKhz() } : {};
  return { hostname, configArg, extra: kernelArgs, ...clock };
}

async function toRecord({ machineId, runDir, console }: MachineSpec, pid: number): Promise<MachineRecord> {
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error(await withLastWords('QEMU ended before it had a machine', console.path));
  return { machineId, driver: 'qemu', runDir, pid, startTime };
}

/** Tells a QEMU that waits its kernel line, and lets it go. */
function boot(record: MachineRecord, line: string, console: string, signal: AbortSignal): Promise<void> {
  return tellVmm({ name: 'QEMU', record, console, limitMs: QMP_MS }, signal, async (limit) => {
    const qmp = await Qmp.connect(toVmPaths(record.runDir).qmp, limit);
    try {
      await qmp.execute('qom-set', { path: '/machine', property: 'append', value: line });
      await qmp.execute('x-exit-preconfig');
    } finally {
      qmp.close();
    }
  });
}
