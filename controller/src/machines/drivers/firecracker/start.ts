import type { Machine, MachineRecord, MachineSpec, NetworkProgress } from '../../driver.ts';
import { exists } from '../../host-check.ts';
import { GUEST_MAC } from '../../vm/guest-mac.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { startVm, type VmStart } from '../../vm/start.ts';
import { attachFirecracker } from './adopt.ts';
import { FirecrackerApi } from './api.ts';
import { boot } from './boot.ts';
import type { Context } from './context.ts';
import { planLaunch, type FirecrackerLaunch } from './launch.ts';
import { toVmmLimits } from './limits.ts';
import { toTalkPaths } from './paths.ts';
import type { BootPlan } from './requests.ts';

/** Starts a machine. Throws MachineStartFailed, with nothing left of it. */
export function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
  return startVm(context, spec, { signal, network }, () => prepare(context, spec));
}

async function prepare(context: Context, spec: MachineSpec): Promise<VmStart> {
  const { stage, instance } = context;
  const plan = toBootPlan(context, spec);
  const bootable = await findKernel(spec);
  const [programs, template, layout] = [await context.programs(), await context.template(spec.diskMib), await context.layout()];
  return {
    driver: 'firecracker',
    name: 'Firecracker',
    died: 'the jailer ended at once',
    limits: toVmmLimits(spec),
    toArgv: (groups) => planLaunch({ spec: bootable, programs, stage, instance, layout, template, groups }),
    talk: (record, limit) => tell(record, plan, limit),
    attach: (record, cgroup) => attachFirecracker(context, record, cgroup, spec.console.path),
  };
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

async function tell(record: MachineRecord, plan: BootPlan, limit: AbortSignal): Promise<void> {
  const api = new FirecrackerApi(toTalkPaths(record.runDir).socket);
  try {
    await boot(api, plan, limit);
  } finally {
    api.close();
  }
}
