import { findCommand } from '../../../host/find-command.ts';
import type { Machine, MachineRecord, MachineSpec, NetworkProgress } from '../../driver.ts';
import { GUEST_MAC } from '../../../net/guest-mac.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { planVmLaunch } from '../../vm/launch.ts';
import { KVM, TUN } from '../../vm/mounts.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { startVm, type VmStart } from '../../vm/start.ts';
import { readClockKhz } from '../../vm/tsc.ts';
import { attachQemu } from './adopt.ts';
import { planQemu, toProcessors, toVmmLimits } from './argv.ts';
import type { Context } from './context.ts';
import { Qmp } from './qmp.ts';
import { restoreMachine, toOverlay } from './snapshot.ts';

/** Starts a virtual machine. Throws MachineStartFailed, with nothing left of it. */
export function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
  return startVm(context, spec, { signal, network }, () => prepare(context, spec));
}

async function prepare(context: Context, spec: MachineSpec): Promise<VmStart> {
  const { image, kernel, snapshot } = spec;
  const { stage, accelerator } = context;
  if (!kernel) throw new Error('there is no kernel to boot: just build-kernel');
  if ((await findCommand('qemu-system-x86_64')) === undefined) throw new Error('QEMU is not installed: apt-get install qemu-system-x86');
  if (image.rootArgs === undefined) throw new Error(`image ${image.id} has no hash tree: just build-image`);
  const line = toKernelLine({ vmm: 'qemu', rootArgs: image.rootArgs, ...toLineParts(context, spec) });
  const template = snapshot ? toOverlay(snapshot) : await context.template(spec.diskMib);
  const vmm = planQemu({ ...toMachine(spec), stage, accelerator, isCopy: snapshot !== undefined });
  const devices = accelerator === 'kvm' ? [TUN, KVM] : [TUN];
  return {
    driver: 'qemu',
    name: 'QEMU',
    died: 'QEMU ended before it had a machine',
    limits: toVmmLimits(spec, accelerator),
    toArgv: (groups) => planVmLaunch({ spec, stage, template, kernel: kernel.bzImage, groups, devices, vmm }),
    talk: (record, limit) => begin(record, limit, line, (qmp) => snapshot && restoreMachine(qmp, record.runDir, stage, snapshot, limit)),
    attach: (record, cgroup) => attachQemu(context, record, cgroup, spec.console.path),
  };
}

function toMachine({ limits }: MachineSpec) {
  return { cpus: toProcessors(limits.cpus), memoryMib: limits.memoryMib, mac: GUEST_MAC };
}

function toLineParts({ accelerator, kernelArgs }: Context, { hostname, configArg }: MachineSpec) {
  const clock = accelerator === 'tcg' ? { tscKhz: readClockKhz() } : {};
  return { hostname, configArg, extra: kernelArgs, ...clock };
}

/** Tells a QEMU that waits its kernel line, and lets it go. `fill`: what it must have then. */
async function begin(
  record: MachineRecord,
  limit: AbortSignal,
  line: string,
  fill: (qmp: Qmp) => Promise<void> | undefined,
): Promise<void> {
  const qmp = await Qmp.connect(toVmPaths(record.runDir).qmp, limit);
  try {
    await qmp.execute('qom-set', { path: '/machine', property: 'append', value: line });
    await qmp.execute('x-exit-preconfig');
    await fill(qmp);
  } finally {
    qmp.close();
  }
}
