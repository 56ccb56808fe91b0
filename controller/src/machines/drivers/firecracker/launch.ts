import { join } from 'node:path';
import type { MachineSpec } from '../../driver.ts';
import { planShim } from '../../shim/launch.ts';
import { toShimPaths } from '../../shim/paths.ts';
import { RUN } from '../../vm/launch.ts';
import { toVmPaths } from '../../vm/paths.ts';
import { planJailer, type JailPlan } from './jailer.ts';
import { toJailRoot } from './paths.ts';

const LAUNCH = join(import.meta.dirname, 'launch.sh');

export interface FirecrackerLaunch extends JailPlan {
  spec: MachineSpec & { kernel: NonNullable<MachineSpec['kernel']> };
  /** Path of the empty file system that the overlay's disk is copied from. */
  template: string;
  groups: readonly string[];
}

/** argv that starts a Firecracker in the machine's groups and in a jail, with a shim that outlives the controller. */
export function planLaunch({ template, groups, ...jail }: FirecrackerLaunch): string[] {
  const { spec, programs, stage } = jail;
  const { launchLog } = toShimPaths(spec.runDir, spec.machineId);
  const shim = planShim(spec, '/bin/sh', [RUN, ...planJailer(jail), '--']);
  const root = toJailRoot(stage, programs, spec.machineId);
  const words = [
    stage,
    root,
    String(spec.hostUser),
    launchLog,
    template,
    toVmPaths(spec.runDir).files,
    spec.image.rootfs,
    spec.kernel.vmlinux,
  ];
  return ['unshare', '--mount', '--propagation', 'slave', '--', 'sh', LAUNCH, ...words, ...groups, '--', ...shim];
}
