import { writeSync } from 'node:fs';
import { suite as uvuSuite } from 'uvu';
import * as assert from 'uvu/assert';
import { PACE } from './pace.ts';

export { assert };

/*
 * uvu alone exits 0 when a hook throws, when run() is forgotten and when `.only` is left in, and it has no time limit.
 * Here a hook that throws is a failed test, a suite that is not run fails its file, there is no `.only`, and every test
 * and hook has a limit. Each result goes to the runner (test/kit/run.ts) as a JSON line on the descriptor ORIEL_TEST_FD.
 */
export type TestEvent =
  | { event: 'pass'; suite: string; title: string; ms: number }
  | { event: 'fail'; suite: string; title: string; ms: number; error: string }
  | { event: 'skip'; suite: string; title: string; reason: string }
  | { event: 'note'; text: string };

let failed = false;

type Body = () => void | Promise<void>;

export interface Suite {
  (title: string, body: Body, options?: { timeoutMs?: number }): void;
  /** A test that cannot run here. The reason must be declared in test/kit/skips.ts, or the run fails. */
  skip(title: string, reason: string): void;
  before(body: Body): void;
  after(body: Body): void;
  beforeEach(body: Body): void;
  afterEach(body: Body): void;
  /** Must be called once, last. */
  run(): void;
}

/** A suite of tests. `timeoutMs` bounds each test and hook (15 s unless told) on a quiet machine, and a slow one's by how slow it is. */
export function suite(name: string, { timeoutMs = 15_000 } = {}): Suite {
  const inner = uvuSuite(name);
  let run = false;
  process.on('exit', () => {
    if (!run) report({ event: 'fail', suite: name, title: '(suite)', ms: 0, error: 'run() was never called' });
    // uvu writes an exit code of its own, which knows nothing of hooks.
    if (failed) process.exitCode = 1;
  });

  const test = ((title, body, options = {}) => {
    if (!isWanted(name, title)) return;
    inner(title, () => record(name, title, body, options.timeoutMs ?? timeoutMs));
  }) as Suite;
  const hook = (kind: 'before' | 'after') => (body: Body) => inner[kind](() => guard(name, `(${kind})`, body, timeoutMs));
  const eachHook = (kind: 'before' | 'after') => (body: Body) => inner[kind].each(() => guard(name, `(${kind} each)`, body, timeoutMs));

  test.skip = (title, reason) => report({ event: 'skip', suite: name, title, reason });
  test.before = hook('before');
  test.after = hook('after');
  test.beforeEach = eachHook('before');
  test.afterEach = eachHook('after');
  test.run = () => {
    run = true;
    inner.run();
  };
  return test;
}

/** Something to be read though nothing has failed: the runner prints it. */
export function note(text: string): void {
  report({ event: 'note', text });
}

/** Runs a test body within its limit and reports how it went; rethrows so that uvu prints the difference. */
async function record(suite: string, title: string, body: Body, timeoutMs: number): Promise<void> {
  const started = performance.now();
  const ms = () => Math.round(performance.now() - started);
  try {
    await within(timeoutMs, body);
    report({ event: 'pass', suite, title, ms: ms() });
  } catch (error) {
    report({ event: 'fail', suite, title, ms: ms(), error: toText(error) });
    throw error;
  }
}

/** Runs a hook: silent when it works, a failed test when it throws. */
async function guard(suite: string, title: string, body: Body, timeoutMs: number): Promise<void> {
  const started = performance.now();
  try {
    await within(timeoutMs, body);
  } catch (error) {
    report({ event: 'fail', suite, title, ms: Math.round(performance.now() - started), error: toText(error) });
    throw error;
  }
}

async function within(quietMs: number, body: Body): Promise<void> {
  const timeoutMs = quietMs * PACE;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${timeoutMs} ms`)), timeoutMs);
  try {
    await Promise.race([Promise.resolve().then(body), late]);
  } finally {
    clearTimeout(timer);
  }
}

function isWanted(suite: string, title: string): boolean {
  const name = process.env.ORIEL_TEST_NAME;
  return !name || `${suite} ${title}`.toLowerCase().includes(name.toLowerCase());
}

function report(event: TestEvent): void {
  if (event.event === 'fail') failed = true;
  const fd = Number(process.env.ORIEL_TEST_FD);
  if (fd > 2) writeSync(fd, `${JSON.stringify(event)}\n`);
}

function toText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = 'details' in error && typeof error.details === 'string' ? `\n${error.details}` : '';
  return `${error.stack ?? error.message}${details}`;
}
