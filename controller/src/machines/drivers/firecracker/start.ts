import type { Machine, MachineRecord, MachineSpec, NetworkProgress } from '../../driver.ts';
import { exists } from '../../host-check.ts';
import { GUEST_MAC } from '../../../net/guest-mac.ts';
import { toKernelLine } from '../../vm/kernel-line.ts';
import { startVm, type VmStart } from '../../vm/start.ts';
import { attachFirecracker } from './adopt.ts';
import { FirecrackerApi } from './api.ts';
import { begin } from './begin.ts';
import type { Context } from './context.ts';
import { planLaunch } from './launch.ts';
import { toVmmLimits } from './limits.ts';
import { GIVEN, JAIL, toTalkPaths } from './paths.ts';
import { toBootRequests, toRestoreRequests, type ApiRequest, type BootPlan } from './requests.ts';
import { toKeptPaths } from './snapshot.ts';

/** Starts a machine. Throws MachineStartFailed, with nothing left of it. */
export function startMachine(context: Context, spec: MachineSpec, signal: AbortSignal, network?: NetworkProgress): Promise<Machine> {
  return startVm(context, spec, { signal, network }, () => prepare(context, spec));
}

/** What it begins from. */
interface Origin {
  template: string;
  files: [host: string, jail: string][];
  calls: ApiRequest[];
}

async function prepare(context: Context, spec: MachineSpec): Promise<VmStart> {
  const { stage, instance } = context;
  const { calls, template, files } = await toOrigin(context, spec);
  const [programs, layout] = [await context.programs(), await context.layout()];
  return {
    driver: 'firecracker',
    name: 'Firecracker',
    died: 'the jailer ended at once',
    limits: toVmmLimits(spec),
    toArgv: (groups) => planLaunch({ spec, programs, stage, instance, layout, template, files, groups }),
    talk: (record, limit) => tell(record, calls, limit),
    attach: (record, cgroup) => attachFirecracker(context, record, cgroup, spec.console.path),
  };
}

async function toOrigin(context: Context, spec: MachineSpec): Promise<Origin> {
  const plan = toBootPlan(context, spec);
  const vmlinux = await findFiles(spec);
  const rootfs: [string, string] = [spec.image.rootfs, JAIL.rootfs];
  if (!spec.snapshot)
    return { template: await context.template(spec.diskMib), files: [rootfs, [vmlinux, JAIL.kernel]], calls: toBootRequests(plan) };
  const { overlay, state, memory } = toKeptPaths(spec.snapshot.dir);
  return { template: overlay, files: [rootfs, [state, GIVEN.state], [memory, GIVEN.memory]], calls: toRestoreRequests(GIVEN) };
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

/** Gives the kernel's path. What is missing is said before a mount says it less well. */
async function findFiles({ kernel, image }: MachineSpec): Promise<string> {
  if (!kernel) throw new Error('there is no kernel to boot: just build-kernel');
  if (!(await exists(kernel.vmlinux))) throw new Error(`kernel ${kernel.id} has lost its file ${kernel.vmlinux}: just build-kernel`);
  if (!(await exists(image.rootfs))) throw new Error(`image ${image.id} has lost its file ${image.rootfs}: just build-image`);
  return kernel.vmlinux;
}

async function tell(record: MachineRecord, calls: readonly ApiRequest[], limit: AbortSignal): Promise<void> {
  const api = new FirecrackerApi(toTalkPaths(record.runDir).socket);
  try {
    await begin(api, calls, limit);
  } finally {
    api.close();
  }
}
