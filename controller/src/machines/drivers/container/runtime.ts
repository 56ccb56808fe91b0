import type { CgroupLayout } from '../../shim/cgroup-plan.ts';

/** What every call of crun and conmon needs to know of this driver. */
export interface Runtime {
  instance: string;
  /** Absolute path, as conmon wants it. */
  crun: string;
  /** crun's directory of states, this instance's alone. */
  stateDir: string;
  layout: CgroupLayout;
}

/**
 * crun refuses hosts with cgroup v1 and v2 beside each other, whatever it is told of cgroups. There it is shown a plain v2
 * tree, in a mount namespace of its own. Limits are ours to set anyway (cgroup-plan.ts), so it misses nothing.
 */
const SHOW_PLAIN_CGROUP2 = 'umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"';

/** argv of a crun command for a machine, run from the controller's mount namespace. */
export function planCrun(runtime: Runtime, ...words: string[]): string[] {
  const crun = [runtime.crun, ...planCrunOptions(runtime), ...words];
  return isHybrid(runtime.layout) ? ['unshare', '--mount', '--propagation', 'slave', '--', ...planDetour(runtime.layout, crun)] : crun;
}

export function planCrunOptions({ stateDir }: Runtime): string[] {
  return [`--root=${stateDir}`, '--cgroup-manager=disabled'];
}

/** The detour around hybrid hosts, for a command that has a mount namespace to itself; the command itself elsewhere. */
export function planDetour(layout: CgroupLayout, argv: string[]): string[] {
  return isHybrid(layout) ? ['sh', '-ec', SHOW_PLAIN_CGROUP2, 'sh', ...argv] : argv;
}

function isHybrid(layout: CgroupLayout): boolean {
  return layout.version === 1 && layout.unified !== undefined;
}
