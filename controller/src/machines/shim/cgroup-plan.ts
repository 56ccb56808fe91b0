import type { Mount } from '../../host/mounts.ts';
import { planScope } from '../../host/systemd.ts';
import type { MachineSpec } from '../driver.ts';

/** Where this host has the control groups that limits need: one tree (v2) or a tree per controller (v1). */
export interface CgroupLayout {
  version: 1 | 2;
  /** Mount point of the v2 tree. On a v1 host that is a hybrid: it has no controllers, but can kill a group at once. */
  unified?: string;
  /** v1 only: controller → mount point. */
  v1: Partial<Record<Controller, string>>;
  /** How many the host has. */
  processors?: number;
  /** v2 only: major version of the systemd that owns the tree. Groups are its units then, and nobody else makes any. */
  systemd?: number;
}

export interface CgroupPlan {
  /** Words before the machine's launch that put it into a unit of its own, limits and all; none where the groups are ours to make. */
  unit: string[];
  /** The groups of one machine that are ours to make, one per tree; its processes join all of them. */
  groups: string[];
  /** Groups around one of these, with no process of their own. */
  around: string[];
  /** Files and what is written into them, in order, before the machine starts. */
  writes: [file: string, value: string][];
  /** Directories above `groups` that all machines of the instance share. */
  parents: string[];
  /** The group that answers `who is in it` and, where it can, `kill all`. */
  members: string;
  /** Counts processes that were killed because memory ran out. */
  oomFile: string;
}

/** For naming a machine's groups when nothing is to be limited any more. */
export const NO_LIMITS = { memoryMib: 0, cpus: 0, pids: 0 };

const ROOT = '/sys/fs/cgroup';
const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;
type Controller = (typeof CONTROLLERS)[number];
/**
 * A machine's processes are in a group within its group, whose weight is small. How a group is weighed on a processor follows what runs in
 * it there, in steps of this weight; and each time that it changes, Linux from 6.13 (and later 6.12) up to the revert of 6d71a9c61604
 * (https://lkml.iu.edu/hypermail/linux/kernel/2602.2/04151.html) forgets what the group had too much. Processes that come and go by the
 * thousand changed it as often, and so took most of what was other machines'. In coarse steps it stays as it is.
 */
export const INNER_GROUP = 'in';
/** As many steps as a group has when it runs on all processors: with none left on one of them it would be weighed as nothing there. */
const STEPS_PER_PROCESSOR = 4;
/** Makes the group within GROUP, of this weight, enters it and goes on as the command: a group that has others may have no processes. */
const ENTER_INNER = `mkdir "$0/${INNER_GROUP}"; echo 0 >"$0/${INNER_GROUP}/cgroup.procs"; echo +cpu >"$0/cgroup.subtree_control"; echo "$1" >"$0/${INNER_GROUP}/cpu.weight"; shift; exec "$@"`;
/** cpu.shares of v1 that one of cpu.weight of v2 stands for. */
const SHARES_PER_WEIGHT = 1024 / 100;
/** Length of a CPU period, µs: the kernel's own default. */
const CPU_PERIOD_US = 100_000;

/** Reads the layout off the mounts. Throws Error when a controller that we need is nowhere. */
export function toCgroupLayout(mounts: readonly Mount[], systemd?: number): CgroupLayout {
  const here = mounts.filter(({ path }) => path === ROOT || path.startsWith(`${ROOT}/`));
  const unified = here.findLast(({ type }) => type === 'cgroup2')?.path;
  const v1: CgroupLayout['v1'] = {};
  for (const mount of here.filter(({ type }) => type === 'cgroup')) {
    for (const controller of CONTROLLERS) if (mount.superOptions.includes(controller)) v1[controller] = mount.path;
  }
  const found = CONTROLLERS.filter((controller) => v1[controller]);
  if (found.length === 0 && unified !== undefined) return { version: 2, unified, v1: {}, ...(systemd !== undefined && { systemd }) };
  const missing = CONTROLLERS.filter((controller) => !found.includes(controller));
  if (missing.length > 0) throw new Error(`no control group for ${missing.join(', ')} is mounted below ${ROOT}`);
  return { version: 1, ...(unified === undefined ? {} : { unified }), v1 };
}

/** The groups of one machine and its limits. */
export function planCgroup(layout: CgroupLayout, instance: string, machineId: string, limits: MachineSpec['limits']): CgroupPlan {
  if (layout.version === 1) return planV1(layout, instance, machineId, limits);
  const plan = layout.systemd === undefined ? planV2 : planUnit;
  return plan(layout, instance, machineId, limits);
}

/** The group below which an instance has all its machines, in the tree that counts memory. */
export function toMachinesGroup({ version, unified, v1, systemd }: CgroupLayout, instance: string): string {
  return systemd === undefined ? `${version === 2 ? unified : v1.memory}/${instance}` : `${unified}/${toSlices(instance).join('/')}`;
}

/** The machine whose group has this name; undefined when it is none of a machine. */
export function toMachineId(group: string): string | undefined {
  return /^(?:[a-z][a-z0-9]*-)?(m-[a-z2-7]{12})(?:\.scope)?$/.exec(group)?.[1];
}

/** The slice that all of an instance is in, and in it the one of its machines: a dash in a slice's name says so. */
export function toSlices(instance: string): [all: string, machines: string] {
  return [`${instance}.slice`, `${instance}-machines.slice`];
}

/** Under systemd the tree is systemd's alone to write to (its "single-writer rule"): a machine is a unit in a slice. */
function planUnit(layout: CgroupLayout, instance: string, machineId: string, limits: MachineSpec['limits']): CgroupPlan {
  const slice = toMachinesGroup(layout, instance);
  const name = `${instance}-${machineId}`;
  const group = `${slice}/${name}.scope`;
  const scope = planScope({
    name,
    slice: toSlices(instance)[1],
    description: `Desktop ${machineId}`,
    properties: toProperties(limits, layout.systemd!),
  });
  return {
    unit: [...scope, 'sh', '-ec', ENTER_INNER, group, toInnerWeight(layout)],
    groups: [],
    around: [group],
    writes: [],
    parents: [slice],
    members: `${group}/${INNER_GROUP}`,
    oomFile: `${group}/memory.events`,
  };
}

function toProperties({ memoryMib, cpus, pids }: MachineSpec['limits'], systemd: number): string[] {
  return [
    `MemoryMax=${toBytes(memoryMib)}`,
    `CPUQuota=${Math.round(cpus * 100)}%`,
    `TasksMax=${pids}`,
    // What is below its group is ours to make.
    'Delegate=cpu',
    // At the host's shutdown, where nobody asks each machine to end first.
    'TimeoutStopSec=10s',
    // One tab that wants too much memory is no reason to end a desktop, as systemd would since it can (253).
    ...(systemd >= 253 ? ['OOMPolicy=continue'] : []),
  ];
}

function planV2(layout: CgroupLayout, instance: string, machineId: string, { memoryMib, cpus, pids }: MachineSpec['limits']): CgroupPlan {
  const root = layout.unified!;
  const parent = `${root}/${instance}`;
  const group = `${parent}/${machineId}`;
  const inner = `${group}/${INNER_GROUP}`;
  const controllers = CONTROLLERS.map((name) => `+${name}`).join(' ');
  return {
    unit: [],
    groups: [inner],
    around: [group],
    writes: [
      [`${root}/cgroup.subtree_control`, controllers],
      [`${parent}/cgroup.subtree_control`, controllers],
      [`${group}/memory.max`, toBytes(memoryMib)],
      [`${group}/cpu.max`, `${toQuota(cpus)} ${CPU_PERIOD_US}`],
      [`${group}/pids.max`, String(pids)],
      [`${group}/cgroup.subtree_control`, '+cpu'],
      [`${inner}/cpu.weight`, toInnerWeight(layout)],
    ],
    parents: [parent],
    members: inner,
    oomFile: `${group}/memory.events`,
  };
}

function planV1(layout: CgroupLayout, instance: string, machineId: string, { memoryMib, cpus, pids }: MachineSpec['limits']): CgroupPlan {
  const trees = [...new Set([...CONTROLLERS.map((controller) => layout.v1[controller]!), ...(layout.unified ? [layout.unified] : [])])];
  const groupOf = (tree: string) => `${tree}/${instance}/${machineId}`;
  const cpu = groupOf(layout.v1.cpu!);
  // Where one tree has more controllers, processes are in the same group of all.
  const innerOf = (tree: string) => (tree === layout.v1.cpu ? `${cpu}/${INNER_GROUP}` : groupOf(tree));
  return {
    unit: [],
    groups: trees.map(innerOf),
    around: [cpu],
    writes: [
      [`${groupOf(layout.v1.memory!)}/memory.limit_in_bytes`, toBytes(memoryMib)],
      [`${cpu}/cpu.cfs_period_us`, String(CPU_PERIOD_US)],
      [`${cpu}/cpu.cfs_quota_us`, toQuota(cpus)],
      [`${cpu}/${INNER_GROUP}/cpu.shares`, String(toInnerShares(layout))],
      [`${groupOf(layout.v1.pids!)}/pids.max`, String(pids)],
    ],
    parents: trees.map((tree) => `${tree}/${instance}`),
    members: innerOf(layout.unified ?? layout.v1.pids!),
    oomFile: `${groupOf(layout.v1.memory!)}/memory.oom_control`,
  };
}

function toBytes(mib: number): string {
  return String(mib * 1024 * 1024);
}

/** cpu.shares of a machine's inner group; `processors` of the host. */
function toInnerShares({ processors = 1 }: CgroupLayout): number {
  return STEPS_PER_PROCESSOR * Math.max(2, processors);
}

/** The same as a cpu.weight. */
function toInnerWeight(layout: CgroupLayout): string {
  return String(Math.max(1, Math.round(toInnerShares(layout) / SHARES_PER_WEIGHT)));
}

/** Time that all its threads together may run in a period, µs. */
function toQuota(cpus: number): string {
  return String(Math.round(cpus * CPU_PERIOD_US));
}
