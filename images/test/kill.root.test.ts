import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLong } from '#test/long';
import { assert, suite } from '#test/suite';
import { hashFolder } from '../src/repro/compare-files.ts';
import { toSmallPaths, useDebs, writeSmallSources } from './kit/small-image.ts';
import { toRandom } from '../../bench/kit/random.ts';

/*
 * Builds of a small image through the real code, each in a process of its own that can be killed:
 *
 *   undisturbed ─► its bytes, how long each step took
 *   5 moments at random (20 in the long form) in its steps, in their order: build, kill −9 there, look for what is left
 *   a plain build on what they left ─► the same bytes
 */
const test = suite('images: a build that is killed', { timeoutMs: 280_000 });

/** In the steps that take long, and in all others together: a kill costs half of its step's time. */
const KILLS_IN_LONG = isLong ? 2 : 1;
const KILLS = isLong ? 20 : 5;
const MOST_TRIES = 50;
const LONG_MS = 3_000;
/** Shorter ones are over before a signal comes. */
const SHORT_MS = 30;
/** The kernel takes a killed namespace down behind the kill. */
const GONE_WITHIN_MS = 5_000;
const RUNNER = join(import.meta.dirname, 'kit/build-small.ts');

const seed = Number(process.env.ORIEL_TEST_SEED) || Date.now() % 1_000_000;
const random = toRandom(seed);

let dir = '';
let undisturbed: Record<string, string> = {};
let steps: Step[] = [];
test.before(async () => {
  process.stdout.write(`ORIEL_TEST_SEED=${seed}\n`);
  dir = await mkdtemp(join(tmpdir(), 'oriel-kill-'));
  for (const name of ['undisturbed', 'disturbed']) await prepare(name);
  steps = await build('undisturbed');
  undisturbed = await readImage('undisturbed');
});
test.after(() => rm(dir, { recursive: true, force: true }));

/** A part of a build: the beginning of the line that it says first, and how long it took. */
interface Step {
  line: string;
  ms: number;
}

async function prepare(name: string): Promise<void> {
  await writeSmallSources(join(dir, name));
  await useDebs(toSmallPaths(join(dir, name)).cache);
}

function start(name: string): ChildProcess {
  const words = ['--disable-warning=ExperimentalWarning', RUNNER, join(dir, name)];
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Builds to the end; tells the steps that ran, and what came behind the last: `title …` begins one, `title: 1.2 s` ends it. */
async function build(name: string): Promise<Step[]> {
  const child = start(name);
  const exited = once(child, 'exit');
  const steps: Step[] = [];
  let [at, last, error] = [performance.now(), '', ''];
  const end = (line: string) => {
    const now = performance.now();
    if (last) steps.push({ line: last, ms: now - at });
    [at, last] = [now, line];
  };
  child.stderr!.on('data', (text) => (error += text));
  for await (const line of createInterface({ input: child.stdout! })) if (/ …$|: [\d.]+ s$/.test(line)) end(line.replace(/[\d.]+ s$/, ''));
  await exited;
  end('');
  if (child.exitCode !== 0) throw new Error(error.trim());
  return steps;
}

/** Kills a build so long after a step began, or after the next one when that step's result is there already. False when it ended before. */
async function killAfter(name: string, { line: wanted, ms }: Step): Promise<boolean> {
  const child = start(name);
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout! })) {
    if (indexOf(line) < indexOf(wanted)) continue;
    await Promise.race([sleep(ms), exited]);
    break;
  }
  child.kill('SIGKILL');
  await exited;
  return child.signalCode === 'SIGKILL';
}

/** Place in a build of a line that it says; -1 for words that are of no step. */
function indexOf(line: string): number {
  return steps.findIndex((step) => line.startsWith(step.line));
}

async function readImage(name: string): Promise<Record<string, string>> {
  const { images } = toSmallPaths(join(dir, name));
  return hashFolder(join(images, await readlink(join(images, 'latest'))));
}

/** Moments in the order of a build. */
function drawMoments(): Step[] {
  const long = steps.filter(({ ms }) => ms > LONG_MS);
  const short = steps.filter(({ ms }) => ms <= LONG_MS && ms >= SHORT_MS);
  const rest = Array.from({ length: KILLS - long.length * KILLS_IN_LONG }, () => short[Math.floor(random() * short.length)]!);
  const drawn = [...long.flatMap((step) => Array.from({ length: KILLS_IN_LONG }, () => step)), ...rest];
  return drawn.sort((a, b) => steps.indexOf(a) - steps.indexOf(b)).map(({ line, ms }) => ({ line, ms: random() * ms }));
}

/** Processes, mounts and loop devices that have to do with this folder, by /proc and /sys alone. */
async function findTraces(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const processes = await Promise.all(
    pids.map(async (pid) => {
      const words = (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ');
      const isOurs = words.includes(dir) || (await read(`/proc/${pid}/mountinfo`)).includes(dir);
      return isOurs ? [`process ${pid} ${words}`] : [];
    }),
  );
  const mounts = (await read('/proc/self/mountinfo')).split('\n').filter((line) => line.includes(dir));
  const loops = execFileSync('losetup', ['--noheadings', '--output', 'NAME,BACK-FILE'], { encoding: 'utf8' });
  return [...processes.flat(), ...mounts, ...loops.split('\n').filter((line) => line.includes(dir))];
}

async function assertNoTraces(): Promise<void> {
  let traces: string[] = [];
  for (const until = Date.now() + GONE_WITHIN_MS; Date.now() < until; await sleep(50)) {
    traces = await findTraces();
    if (traces.length === 0) return;
  }
  assert.equal(traces, []);
}

function isPackageManager(trace: string): boolean {
  return /^process \d+ \S*perl \S*mmdebstrap /.test(trace);
}

async function assertNothingTemporary(name: string): Promise<void> {
  const { cache, images } = toSmallPaths(join(dir, name));
  assert.equal([await readdir(join(cache, 'tmp')), await readdir(join(images, 'tmp'))], [[], []]);
}

test('what looks for traces finds those of a build that runs', async () => {
  const child = start('disturbed');
  for await (const line of createInterface({ input: child.stdout! })) if (line.startsWith('builder root')) break;
  let traces: string[] = [];
  for (const until = Date.now() + 20_000; Date.now() < until && !traces.some(isPackageManager); await sleep(100))
    traces = await findTraces();
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(
    traces.some((trace) => trace.includes('mmdebstrap')),
    traces.join('\n'),
  );
  await assertNoTraces();
});

test(`${KILLS} builds killed at random moments leave nothing that runs or is mounted, and the next one has the same bytes`, async () => {
  const moments = drawMoments();
  for (let killed = 0, tries = 0; killed < KILLS; tries++) {
    assert.ok(tries < MOST_TRIES, `only ${killed} of ${tries} builds were killed`);
    const moment = moments[tries % moments.length]!;
    const isKilled = await killAfter('disturbed', moment);
    process.stdout.write(`${moment.line} + ${Math.round(moment.ms)} ms: ${isKilled ? 'killed' : 'had ended'}\n`);
    if (isKilled) killed += 1;
    // It was faster than the first time, and left nothing to do: the next one begins from nothing.
    else await forgetResults('disturbed');
    await assertNoTraces();
  }
  await build('disturbed');
  assert.equal(await readImage('disturbed'), undisturbed);
  await assertNothingTemporary('disturbed');
});

/** Removes the image, and the stages' results but those whose names fit. */
async function forgetResults(name: string, kept = /^$/): Promise<void> {
  const { cache, images } = toSmallPaths(join(dir, name));
  const old = (await readdir(join(cache, 'stages'))).filter((stage) => !kept.test(stage));
  for (const stage of old) await rm(join(cache, 'stages', stage), { recursive: true });
  await rm(images, { recursive: true, force: true });
}

test('two builds at once both succeed and end with the same image', async () => {
  const { images } = toSmallPaths(join(dir, 'disturbed'));
  await forgetResults('disturbed', /^(builder|base)-/);
  await Promise.all([build('disturbed'), build('disturbed')]);
  assert.equal(await readImage('disturbed'), undisturbed);
  assert.is((await readdir(images)).filter((name) => name !== 'tmp' && name !== 'latest').length, 1);
  await assertNothingTemporary('disturbed');
  await assertNoTraces();
});

test('a disk that fills up while packages are unpacked is one clear line, and the last good image stays', async () => {
  const { cache, images } = toSmallPaths(join(dir, 'full'));
  await prepare('full');
  await mkdir(join(cache, 'stages'));
  await mkdir(join(cache, 'tmp'));
  execFileSync('cp', ['-a', toSmallPaths(join(dir, 'undisturbed')).images, images]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', join(cache, 'tmp')]);
  try {
    const failure = await build('full').then(
      () => '',
      (error: Error) => error.message,
    );
    assert.match(failure, /^No space left: [^\n]*$/);
    assert.equal(await readImage('full'), undisturbed);
    assert.equal(await readdir(join(cache, 'stages')), []);
  } finally {
    execFileSync('umount', [join(cache, 'tmp')]);
  }
});

test.run();
