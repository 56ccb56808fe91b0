import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, signalProcess } from '../../host/process.ts';
import type { Machine, MachineExit, MachineRecord } from '../driver.ts';
import type { CgroupPlan } from './cgroup-plan.ts';
import { readMembers, readOomKills } from './cgroup.ts';
import { lookEachSecond } from './looks.ts';
import { toShimPaths, type ShimPaths } from './paths.ts';

/**
 * Each second we look whether there is still a process of its pid (its exit file is noticed at once), and after so many looks whether it is
 * the same one, which takes two files: of a thousand machines each minute that would be a quarter of all that they cost.
 */
const LOOKS = 300;
/** Time that the shim has to write down how the machine ended. */
const SHIM_MS = 2_000;
/** What conmon writes of a machine that it has killed at its `--timeout`. */
const TIMED_OUT = -1;

export interface MachineParts {
  record: MachineRecord;
  cgroup: CgroupPlan;
  /** Asks the machine to end by itself; false when there is nobody to ask. Need not wait. */
  ask: () => Promise<boolean>;
  /** Ends what is left of it. */
  takeDown: () => Promise<void>;
  /** What else is known of why it ended. */
  explain?: (exit: MachineExit) => Promise<MachineExit>;
}

/**
 * Stands for a running machine, whether this controller started it or one before it did: all that it needs is in the
 * record and on disk.
 */
export function attachMachine({ record, cgroup, ask, takeDown, explain = async (exit) => exit }: MachineParts): Machine {
  const exited = watchExit(record, cgroup).then(explain);
  let stopping: Promise<void> | undefined;
  return {
    record,
    exited,
    async stop(graceMs) {
      stopping ??= end(record, ask, exited, graceMs).then(takeDown);
      // A failed attempt can be made again.
      await stopping.catch((error: unknown) => {
        stopping = undefined;
        throw error;
      });
      return exited;
    },
  };
}

/** Asks it to end everything in order; kills its first process, and with it all of it, after `graceMs`. */
async function end(record: MachineRecord, ask: () => Promise<boolean>, exited: Promise<MachineExit>, graceMs: number): Promise<void> {
  if (await ask().catch(() => false)) await waitAtMost(graceMs, exited);
  if (await signalProcess(record, 'SIGKILL')) await waitAtMost(SHIM_MS, exited);
}

async function waitAtMost(ms: number, promise: Promise<unknown>): Promise<void> {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([promise, late]);
  timer.abort();
}

/** How a machine has ended, or will have: by its exit file, or by its shim's being gone without one. */
export async function watchExit(record: MachineRecord, cgroup: CgroupPlan): Promise<MachineExit> {
  const paths = toShimPaths(record.runDir, record.machineId);
  const code = await waitForExit(record, paths, cgroup);
  const killed = await readOomKills(cgroup).catch(() => 0);
  if (code === TIMED_OUT) return { reason: 'ended by its shim: it had lived for as long as it may', code: null, isTooOld: true };
  return { reason: toReason(code, killed), code: code ?? null };
}

/** The exit code as the shim wrote it; undefined when machine and shim are gone without one. */
async function waitForExit(record: MachineRecord, paths: ShimPaths, cgroup: CgroupPlan): Promise<number | undefined> {
  const changed = watchFile(paths.exitDir);
  try {
    for (;;) {
      const next = changed.next();
      const code = await readExitCode(paths.exitFile);
      if (code !== undefined) return code;
      if (!(await isAlive(record))) return await readLastWord(paths, cgroup);
      await untilGone(record.pid, next, changed.isWatched ? LOOKS : 1);
    }
  } finally {
    changed.close();
  }
}

/** Resolves when there is no process of this pid, at `next`, or after so many looks. */
async function untilGone(pid: number, next: Promise<void>, looks: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => void ((looks -= 1) > 0 && hasProcess(pid) ? undefined : resolve());
  const stop = lookEachSecond(look);
  await Promise.race([next, promise]);
  stop();
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Its first process is gone: the shim, as long as there is one, is about to say how. */
async function readLastWord(paths: ShimPaths, cgroup: CgroupPlan): Promise<number | undefined> {
  for (const until = performance.now() + SHIM_MS; performance.now() < until; await sleep(20)) {
    const members = await readMembers(cgroup).catch(() => []);
    const code = await readExitCode(paths.exitFile);
    if (code !== undefined || members.length === 0) return code;
  }
  return undefined;
}

async function readExitCode(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^(\d+|-1)$/.test(text.trim()) ? Number(text) : undefined;
}

/** In words. A code above 128 is a signal, as shells and conmon have it. */
export function toReason(code: number | undefined, oomKills: number): string {
  const memory = oomKills > 0 ? ` (out of memory: ${oomKills} processes were killed)` : '';
  if (code === undefined) return `ended, its shim did not say how${memory}`;
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return `${signal ? `killed by ${signal}` : `exited with code ${code}`}${memory}`;
}

/** Without a watch (too many on this host, or no such directory any more) looking every so often has to do. */
function watchFile(dir: string): { isWatched: boolean; next(): Promise<void>; close(): void } {
  let ring = () => {};
  const next = () => new Promise<void>((resolve) => (ring = resolve));
  try {
    const watcher = watch(dir, { persistent: false }, () => ring()).on('error', () => {});
    return { isWatched: true, next, close: () => watcher.close() };
  } catch {
    return { isWatched: false, next, close: () => {} };
  }
}
