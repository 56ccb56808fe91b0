import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, readStartTime } from '../../../host/process.ts';
import { readConsole } from '../../console.ts';
import { MachineStartFailed, type Machine, type MachineRecord, type MachineSpec } from '../../driver.ts';
import { planCgroup } from '../../shim/cgroup-plan.ts';
import { createCgroup } from '../../shim/cgroup.ts';
import { launch } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { planVmLaunch } from '../../vm/launch.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { readClockKhz } from '../../vm/tsc.ts';
import { attachQemu } from './adopt.ts';
import { GUEST_MAC, planQemu, toProcessors, toVmmLimits } from './argv.ts';
import type { Context } from './context.ts';
import { Qmp } from './qmp.ts';
import { takeDown } from './take-down.ts';

const LAUNCH_MS = 5_000;
const QMP_MS = 8_000;
/** How soon a QEMU that died instead of listening is noticed. */
const LOOK_MS = 100;
const LAST_LINES = 5;
const LAST_WORDS_MS = 500;
const DIED = 'QEMU ended before it had a machine';

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
  const record = await boot(spec, pid, line, signal);
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

/** Tells a QEMU that waits its kernel line, and lets it go. Throws with what QEMU said. */
async function boot(spec: MachineSpec, pid: number, line: string, signal: AbortSignal): Promise<MachineRecord> {
  try {
    const record = await toRecord(spec, pid);
    await tell(record, line, signal);
    return record;
  } catch (cause) {
    signal.throwIfAborted();
    const said = await readLastWords(spec.console.path);
    throw new Error([(cause as Error).message, ...said].join('; it said:\n'), { cause });
  }
}

async function toRecord({ machineId, runDir }: MachineSpec, pid: number): Promise<MachineRecord> {
  const startTime = await readStartTime(pid);
  if (startTime === undefined) throw new Error(DIED);
  return { machineId, driver: 'qemu', runDir, pid, startTime };
}

async function tell(record: MachineRecord, line: string, signal: AbortSignal): Promise<void> {
  const died = new AbortController();
  const look = () => isAlive(record).then((alive) => alive || died.abort());
  const watch = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  const limit = AbortSignal.any([signal, died.signal, AbortSignal.timeout(QMP_MS)]);
  try {
    const qmp = await Qmp.connect(toVmPaths(record.runDir).qmp, limit);
    try {
      await qmp.execute('qom-set', { path: '/machine', property: 'append', value: line });
      await qmp.execute('x-exit-preconfig');
    } finally {
      qmp.close();
    }
  } catch (cause) {
    throw (await isAlive(record)) ? cause : new Error(DIED, { cause });
  } finally {
    clearInterval(watch);
  }
}

/** The end of the console; nothing when it stays empty. What a QEMU that has just died said is with the shim for a moment. */
async function readLastWords(console: string): Promise<string[]> {
  for (const until = Date.now() + LAST_WORDS_MS; Date.now() < until; await sleep(LOOK_MS / 10)) {
    const text = (await readConsole(console)).trim();
    if (text !== '') return [text.split('\n').slice(-LAST_LINES).join('\n')];
  }
  return [];
}
