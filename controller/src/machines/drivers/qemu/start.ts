import { findCommand } from '../../../host/find-command.ts';
import type { Machine, MachineRecord, MachineSpec } from '../../driver.ts';
import { GUEST_MAC } from '../../vm/guest-mac.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { planVmLaunch } from '../../vm/launch.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { startVm, type VmStart } from '../../vm/start.ts';
import { readClockKhz } from '../../vm/tsc.ts';
import { attachQemu } from './adopt.ts';
import { planQemu, toProcessors, toVmmLimits } from './argv.ts';
import type { Context } from './context.ts';
import { Qmp } from './qmp.ts';

/** Starts a virtual machine. Throws MachineStartFailed, with nothing left of it. */
export function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal): Promise<Machine> {
  return startVm(context, spec, signal, () => prepare(context, spec));
}

async function prepare(context: Context, spec: MachineSpec): Promise<VmStart> {
  const { image, kernel } = spec;
  const { stage, accelerator } = context;
  if (!kernel) throw new Error('there is no kernel to boot: just build-kernel');
  if ((await findCommand('qemu-system-x86_64')) === undefined) throw new Error('QEMU is not installed: apt-get install qemu-system-x86');
  if (image.rootArgs === undefined) throw new Error(`image ${image.id} has no hash tree: just build-image`);
  const line = toKernelLine({ vmm: 'qemu', rootArgs: image.rootArgs, ...toLineParts(context, spec) });
  const template = await context.template(spec.diskMib);
  const vmm = planQemu({ ...toMachine(spec), stage, accelerator });
  const devices = ['/dev/net/tun', ...(accelerator === 'kvm' ? ['/dev/kvm'] : [])];
  return {
    driver: 'qemu',
    name: 'QEMU',
    died: 'QEMU ended before it had a machine',
    limits: toVmmLimits(spec, accelerator),
    toArgv: (groups) => planVmLaunch({ spec, stage, template, kernel: kernel.bzImage, groups, devices, vmm }),
    talk: (record, limit) => boot(record, line, limit),
    attach: (record, cgroup) => attachQemu(record, cgroup, spec.console.path),
  };
}

function toMachine({ limits }: MachineSpec) {
  return { cpus: toProcessors(limits.cpus), memoryMib: limits.memoryMib, mac: GUEST_MAC };
}

function toLineParts({ accelerator, kernelArgs }: Context, { hostname, configArg }: MachineSpec) {
  const clock = accelerator === 'tcg' ? { tscKhz: readClockKhz() } : {};
  return { hostname, configArg, extra: kernelArgs, ...clock };
}

/** Tells a QEMU that waits its kernel line, and lets it go. */
async function boot(record: MachineRecord, line: string, limit: AbortSignal): Promise<void> {
  const qmp = await Qmp.connect(toVmPaths(record.runDir).qmp, limit);
  try {
    await qmp.execute('qom-set', { path: '/machine', property: 'append', value: line });
    await qmp.execute('x-exit-preconfig');
  } finally {
    qmp.close();
  }
}
