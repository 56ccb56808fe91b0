import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { $ } from 'zx';
import { diffCensus, takeCensus } from '../test/kit/census.ts';
import type { Kind } from '../test/kit/files.ts';
import { measurePace } from '../test/kit/pace.ts';
import { add, close, runKind, type Totals } from '../test/kit/run.ts';
import { toPaths } from '../images/src/paths.ts';
import { runSteps } from './check.ts';
import { buildImage } from './image/build.ts';
import { isThere } from './is-there.ts';
import { chooseParts, CI_MINUTES, hasTimeForFile, SOAK_MINUTES } from './time-left.ts';

const [name = ''] = process.argv.slice(2);
const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
const node = $({ stdio: ['ignore', 'inherit', 'inherit'] });

const before = takeCensus({ ownNamespace: false });
const ok = await timed('check', runSteps);
const { exitCode, env } = await timed('image', () => buildImage(['--no-kernel'], process.env));
if (exitCode !== 0) process.exit(exitCode);
await timed('viewer', () => node`${process.execPath} controller/viewer/build.ts`);
await timed('bundle', () => node`${process.execPath} controller/build.ts`);
await runTests('unit');
await runTests('root');
await runTests('e2e', (file) => hasTimeForFile(measureTime()) || leaveOut(file, 'just test-e2e'));
const parts = chooseParts({ ...measureTime(), hasKernel: isThere(join(toPaths(process.env).kernels, 'latest')) });
if (parts.vm) {
  await timed('kernel', () => node({ env })`${process.execPath} images/src/main.ts kernel`);
  await runTests('vm');
} else leaveOut('tests: vm', 'just test-vm');
if (parts.soak && !name) add(totals, await timed('soak', () => proveBy(['test/soak/main.ts', String(SOAK_MINUTES)])));
else if (!name) leaveOut('soak', 'just test-soak');
if (parts.repro && !name) add(totals, await timed('image-repro', () => proveBy(['scripts/image-repro.ts', '--built'])));
else if (!name) leaveOut('image-repro', 'just image-repro');
add(totals, await timed('census', countLeftOver));
if (!ok) totals.failed += 1;
process.exitCode = close(totals) ? 0 : 1;

/** A part that CI has no time for. On a quiet machine there is none; `just nightly` has all of them. */
function leaveOut(part: string, command: string): false {
  console.log(`skip    ${part}: no time is left of CI's ${CI_MINUTES} minutes: ${command}, just nightly`);
  totals.skipped += 1;
  return false;
}

function measureTime() {
  return { minutes: process.env.CI ? CI_MINUTES : Infinity, spentSeconds: performance.now() / 1000, pace: measurePace() };
}

function runTests(kind: Kind, mayBegin?: (file: string) => boolean): Promise<void> {
  return timed(`tests: ${kind}`, async () => add(totals, await runKind(kind, name, process.cwd(), mayBegin)));
}

/** One test: what there is after the run is what there was before. The kernel lets go of some things a moment later. */
async function countLeftOver(): Promise<Totals> {
  let left: string[] = [];
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(500)) {
    left = diffCensus(before, takeCensus({ ownNamespace: false }));
    if (left.length === 0) return { passed: 1, failed: 0, skipped: 0 };
  }
  console.log(`FAIL  census: the run left a difference\n${left.join('\n')}`);
  return { passed: 0, failed: 1, skipped: 0 };
}

/** A program that is one test. Of image-repro: the image built from nothing once more, elsewhere, has the same bytes, and a changed byte is found. */
async function proveBy(words: string[]): Promise<Totals> {
  const { exitCode } = await node({ nothrow: true, env })`${process.execPath} ${words}`;
  return { passed: exitCode === 0 ? 1 : 0, failed: exitCode === 0 ? 0 : 1, skipped: 0 };
}

/** Says what runs now, and how long it took. */
async function timed<T>(what: string, run: () => PromiseLike<T>): Promise<T> {
  const started = performance.now();
  console.log(`── ${what}`);
  const result = await run();
  console.log(`── ${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
