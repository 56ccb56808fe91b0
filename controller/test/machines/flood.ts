import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from '#test/pace';
import { assert } from '#test/suite';
import { run } from '../../src/host/run.ts';
import { within } from '../../src/host/within.ts';
import { readConsole, watchConsole } from '../../src/machines/console.ts';
import type { MachineSpec } from '../../src/machines/driver.ts';
import { LIMITS, type Stand, type Standing } from './stand.ts';
import { listGroups, watchUsage, type Usage } from './usage.ts';

export interface Flood {
  /** What the machine runs. */
  script: string;
  /** A line of its console that says that it has done its worst. Its end says so, too. */
  over: RegExp;
  /** How long it is watched from then on: for a flood that does not end. */
  lastMs?: number;
  limits?: Partial<typeof LIMITS>;
}

/** What was seen of a flood. */
export interface Seen {
  flooder: Standing;
  usage: Usage;
  /** The end of the console, and the number of lines that were told to somebody who follows it, as the controller does. */
  console: string;
  lines: number;
  /** For how long this process, which stands for the controller, did nothing else, ms: the 95th percentile. */
  busyMs: number;
  /** Of the machine beside it. */
  quiet: Pauses;
  during: Pauses;
}

/** Between two beats of a machine, ms. The longest of all say more of a busy host than of a flood. */
interface Pauses {
  median: number;
  p95: number;
}

/** The machine beside: says what time it is, again and again. */
export const BEAT = 'while :; do read -r up _ </proc/uptime; echo beat $up; sleep 0.05; done';
const QUIET_MS = 1_000;
const WORST_MS = 60_000;
const STOP_MS = 5_000;
/** A block of a file system, at the end of each file. */
const SLACK_KIB = 16;

/** Runs a flood and measures on the host what it takes, until it has done its worst. */
export async function watchFlood(stand: Stand, beside: Standing, { script, over, lastMs = 0, limits }: Flood): Promise<Seen> {
  const rested = await readClock(beside);
  await sleep(QUIET_MS);
  const quiet = await readPauses(beside, rested);
  const flooder = await stand.start(script, limits);
  const began = await readClock(beside);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const seen = new AbortController();
  const worst = Promise.withResolvers<void>();
  let lines = 0;
  const onLine = (line: string) => {
    lines += 1;
    if (over.test(line)) worst.resolve();
  };
  const following = watchConsole(flooder.spec.console.path, onLine, seen.signal);
  const watching = watchUsage(flooder.spec, seen.signal);
  const limit = AbortSignal.timeout(WORST_MS * PACE);
  try {
    await within(limit, Promise.race([worst.promise, flooder.machine.exited]));
    await sleep(lastMs);
  } catch (error) {
    await flooder.stop();
    throw error;
  } finally {
    seen.abort();
  }
  const during = await readPauses(beside, began);
  const [usage] = await Promise.all([watching, following]);
  delay.disable();
  const console = await readConsole(flooder.spec.console.path);
  return { flooder, usage, console, lines, busyMs: Math.round(delay.percentile(95) / 1e6), quiet, during };
}

/** What holds for every flood: limits were kept, the host and the machine beside it felt nothing, and a stop leaves nothing of it. */
export async function harmsOnlyItself(seen: Seen, overlayMib = 0): Promise<void> {
  const { usage, quiet, during, flooder } = seen;
  const started = performance.now();
  await flooder.stop();
  assert.ok(performance.now() - started < STOP_MS * PACE, 'it is stopped at once');
  process.stdout.write(`${JSON.stringify({ ...seen, flooder: undefined, console: undefined })}\n`);
  assert.ok(usage.memoryMib <= usage.memoryLimitMib, `${usage.memoryMib} MiB of memory`);
  assert.ok(usage.processes <= usage.processLimit, `${usage.processes} processes`);
  const consoleKib = LIMITS.consoleBytes / 1024 + SLACK_KIB;
  assert.ok(usage.consoleKib <= consoleKib, `${usage.consoleKib} KiB of console`);
  // A console that is begun anew lies beside the old one for a moment.
  assert.ok(usage.diskKib <= overlayMib * 1024 + 2 * consoleKib + 8 * SLACK_KIB, `${usage.diskKib} KiB on disk`);
  assert.ok(during.median <= 2 * quiet.median + 50 * PACE, `a beat each ${during.median} ms, ${quiet.median} ms before`);
  assert.ok(during.p95 <= 2 * quiet.p95 + 300 * PACE, `no beat for ${during.p95} ms, ${quiet.p95} ms before`);
  assert.ok(seen.busyMs <= 200 * PACE, `nothing else was done here for ${seen.busyMs} ms`);
  assert.equal(await listLeft(flooder.spec), []);
}

/** Processes and groups of a machine. */
async function listLeft({ machineId }: MachineSpec): Promise<string[]> {
  const processes = (await run(['ps', '-eo', 'cgroup,args', '-ww'])).split('\n');
  const ours = processes.filter((line) => line.includes(machineId) && !line.endsWith('<defunct>'));
  return [...ours, ...(await listGroups(machineId))];
}

async function readPauses(beside: Standing, since: number): Promise<Pauses> {
  const beats = (await readBeats(beside)).filter((beat) => beat >= since);
  const pauses = beats.slice(1).map((beat, index) => Math.round(beat - beats[index]!));
  pauses.sort((a, b) => a - b);
  assert.ok(pauses.length > 0, 'the machine beside it has no beat');
  return { median: pauses[Math.floor(pauses.length / 2)]!, p95: pauses[Math.floor(pauses.length * 0.95)]! };
}

async function readClock(beside: Standing): Promise<number> {
  return (await readBeats(beside)).at(-1)!;
}

/** ms of its own clock. */
async function readBeats({ spec }: Standing): Promise<number[]> {
  const text = await readConsole(spec.console.path);
  return [...text.matchAll(/^beat ([\d.]+)$/gm)].map(([, seconds]) => Number(seconds) * 1000);
}
