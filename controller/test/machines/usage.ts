import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../src/host/run.ts';
import type { MachineSpec } from '../../src/machines/driver.ts';

/** What a machine took of its host, by the kernel's own counters and by du(1). */
export interface Usage {
  memoryMib: number;
  memoryLimitMib: number;
  processes: number;
  processLimit: number;
  /** Processes that it was refused, for its limit. */
  refusedForks: number;
  /** Processes of it that were killed because its memory had run out. */
  oomKills: number;
  /** Of its directory. */
  diskKib: number;
  consoleKib: number;
  /** What its shim has read of its console in all. */
  shimReadMib: number;
}

const LOOK_MS = 100;
const MIB = 2 ** 20;
/** By what they count: names in the v2 tree (a kernel before 5.19 keeps no peak) and in v1's. */
const FILES = {
  memory: ['memory.peak', 'memory.max_usage_in_bytes', 'memory.current'],
  memoryLimit: ['memory.max', 'memory.limit_in_bytes'],
  oom: ['memory.events', 'memory.oom_control'],
  processes: ['pids.current'],
  processLimit: ['pids.max'],
  refused: ['pids.events'],
};

/** The most of each that is seen until `signal` aborts. */
export async function watchUsage(spec: MachineSpec, signal: AbortSignal): Promise<Usage> {
  const groups = await listGroups(spec.machineId);
  let most = await readUsage(spec, groups);
  while (!signal.aborted) {
    await sleep(LOOK_MS);
    const now = await readUsage(spec, groups);
    most = Object.fromEntries(Object.entries(now).map(([name, value]) => [name, Math.max(value, most[name as keyof Usage])])) as never;
  }
  return most;
}

/** Control groups of a machine. */
export async function listGroups(machineId: string): Promise<string[]> {
  const found = await run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `*${machineId}*`]);
  return found.split('\n').filter(Boolean);
}

async function readUsage({ runDir, console }: MachineSpec, groups: readonly string[]): Promise<Usage> {
  const read = (what: keyof typeof FILES) => readFirst(groups.flatMap((group) => FILES[what].map((name) => `${group}/${name}`)));
  return {
    memoryMib: Number(read('memory')) / MIB,
    memoryLimitMib: Number(read('memoryLimit')) / MIB,
    processes: Number(read('processes')),
    processLimit: Number(read('processLimit')),
    refusedForks: toCount('max', read('refused')),
    oomKills: toCount('oom_kill', read('oom')),
    diskKib: await du(runDir),
    consoleKib: await du(console.path),
    shimReadMib: readShim(groups) / MIB,
  };
}

async function du(path: string): Promise<number> {
  // A file that went meanwhile is no error here.
  return Number.parseInt(await run(['sh', '-c', 'du -sk "$0" 2>/dev/null || :', path])) || 0;
}

/** Bytes that the one conmon in these groups has read. */
function readShim(groups: readonly string[]): number {
  const pids = groups.flatMap((group) => [group, `${group}/in`].flatMap((one) => readFirst([`${one}/cgroup.procs`]).split('\n')));
  const shim = pids.find((pid) => readFirst([`/proc/${pid}/comm`]) === 'conmon');
  return toCount('rchar:', readFirst([`/proc/${shim}/io`]));
}

function toCount(name: string, text: string): number {
  const line = text.split('\n').find((words) => words.startsWith(`${name} `));
  return Number(line?.split(' ')[1] ?? 0);
}

/** The first of these files that is there; empty when none is. */
function readFirst(paths: readonly string[]): string {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      // Of another tree, or of a process that has ended.
    }
  }
  return '';
}
