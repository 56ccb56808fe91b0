import { relative } from 'node:path';
import type { MachineSpec } from '../../driver.ts';
import { NO_LIMITS, planCgroup, type CgroupLayout } from '../../shim/cgroup-plan.ts';
import { JAIL } from './paths.ts';
import type { Programs } from './programs.ts';

export interface JailPlan {
  spec: MachineSpec;
  programs: Programs;
  /** Base of the jails, in the machine's own mount namespace. */
  stage: string;
  instance: string;
  layout: CgroupLayout;
}

/** Sockets, taps, event descriptors: some dozens are used. */
const MAX_OPEN_FILES = 1024;

/**
 * argv of the jailer, which starts as root, chroots, becomes the machine's user and then is Firecracker. Nothing of the machine's config is
 * on it: every user of the host can read an argv. No PID namespace: the shim has to be told one pid, which a second fork would make
 * another's.
 */
export function planJailer({ spec, programs, stage, instance, layout }: JailPlan): string[] {
  const user = String(spec.hostUser);
  return [
    programs.jailer,
    ...['--id', spec.machineId, '--exec-file', programs.firecracker, '--uid', user, '--gid', user],
    ...['--chroot-base-dir', stage, '--netns', spec.netns],
    // The largest files that it has are the overlay, which is there already, and its guest's memory, when that is written down.
    ...[
      '--resource-limit',
      `fsize=${Math.max(spec.diskMib, spec.limits.memoryMib) * 2 ** 20}`,
      '--resource-limit',
      `no-file=${MAX_OPEN_FILES}`,
    ],
    ...toCgroupWords(layout, instance, spec.machineId),
    ...['--', '--api-sock', JAIL.socket],
  ];
}

/**
 * Limits are set, and joined, before the jailer starts (cgroup-plan.ts). On a v2 host it is told the very same group: told of v2 but of no
 * group, it would leave ours for /sys/fs/cgroup/firecracker where that is there (src/jailer/src/env.rs). Elsewhere it touches none.
 */
function toCgroupWords(layout: CgroupLayout, instance: string, machineId: string): string[] {
  if (layout.version === 1) return [];
  const { members } = planCgroup(layout, instance, machineId, NO_LIMITS);
  return ['--cgroup-version', '2', '--parent-cgroup', relative(layout.unified!, members)];
}
