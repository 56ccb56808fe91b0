import { spawn } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Kind, KINDS, findTestFiles } from './files.ts';
import { measurePace } from './pace.ts';
import { DECLARED_SKIPS } from './skips.ts';
import type { TestEvent } from './suite.ts';

/** What Node made of the sources, for hundreds of processes that read the same ones: a plain one starts in 0.1 s instead of 0.2. */
const COMPILED = 'node_modules/.cache/compiled';

const SHARED_MEMORY = '/dev/shm';
/** For what tests write there at a time. */
const ROOM_BYTES = 2 ** 30;

export interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Runs the files of a kind, each in a process of its own, and prints a line per test. A name narrows the run to files whose
 * path holds it, else to tests whose title does. Counts as failed: a file that ends badly, passes its limit or reports
 * nothing, and a skip whose reason is not declared. A file that `mayBegin` says no to is left out.
 */
export async function runKind(kind: Kind, name: string, cwd: string, mayBegin: (file: string) => boolean = () => true): Promise<Totals> {
  const files = findTestFiles(kind, cwd);
  const byPath = files.filter((file) => name && file.includes(name));
  const queue = [...(byPath.length > 0 ? byPath : files)];
  const title = byPath.length > 0 ? '' : name;
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      if (mayBegin(file)) add(totals, await runFile(kind, file, title, cwd));
  };
  await Promise.all(Array.from({ length: KINDS[kind].parallel }, worker));
  return totals;
}

/** Prints the closing line and says whether the run proved anything: something passed, nothing failed. */
export function close(totals: Totals): boolean {
  if (totals.passed === 0) console.log('nothing ran: no test matches');
  if (totals.skipped > 0) console.log(`${totals.skipped} skipped, each for a reason that test/kit/skips.ts declares`);
  console.log(`${totals.passed} passed, ${totals.failed} failed`);
  return totals.failed === 0 && totals.passed > 0;
}

export function add(totals: Totals, more: Totals): void {
  totals.passed += more.passed;
  totals.failed += more.failed;
  totals.skipped += more.skipped;
}

async function runFile(kind: Kind, file: string, title: string, cwd: string): Promise<Totals> {
  const started = performance.now();
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  const fail = (text: string) => {
    totals.failed += 1;
    console.log(`FAIL  ${file}: ${text}`);
  };
  const pace = kind === 'unit' ? 1 : measurePace();
  if (pace > 1) console.log(`        ${file}: the machine is ${pace} times slower than a quiet one, and so are the limits`);
  const [command, ...args] = toCommand(kind, file);
  const child = spawn(command!, args, {
    cwd,
    env: {
      ...process.env,
      ...(kind === 'unit' && { NODE_COMPILE_CACHE: join(cwd, COMPILED), TMPDIR: findFastDir() }),
      ORIEL_TEST_FD: '3',
      ORIEL_TEST_NAME: title,
      ORIEL_TEST_PACE: String(pace),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream!.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const limit = setTimeout(() => child.kill('SIGKILL'), KINDS[kind].fileLimitMs * pace);
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`));
  });
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) count(JSON.parse(line) as TestEvent, totals, fail);
  const end = await ended;
  clearTimeout(limit);

  if (end && totals.failed === 0) fail(end);
  if (!end && !title && totals.passed + totals.failed + totals.skipped === 0) fail('no test ran');
  if (totals.failed > 0 || process.env.ORIEL_TEST_VERBOSE) console.log(output.join('').replace(/^/gm, '      '));
  if (totals.passed + totals.failed + totals.skipped > 0)
    console.log(
      `${totals.failed > 0 ? 'FAIL ' : 'ok   '} ${file}  ${totals.passed} passed  ${((performance.now() - started) / 1000).toFixed(1)} s`,
    );
  return totals;
}

/** For temporary files: hundreds of databases are synced, which costs nothing where no disk is. Programs are begun from there, too. */
function findFastDir(): string {
  const options = readFileSync('/proc/mounts', 'utf8')
    .match(new RegExp(`^\\S+ ${SHARED_MEMORY} \\S+ (\\S+)`, 'm'))?.[1]
    ?.split(',');
  const room = options && !options.includes('noexec') && statfsSync(SHARED_MEMORY);
  return room && room.bavail * room.bsize > ROOM_BYTES ? SHARED_MEMORY : tmpdir();
}

/** Tests that need root get a network of their own, so that nothing they do can leave the machine. */
function toCommand(kind: Kind, file: string): string[] {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', file];
  return kind === 'unit' || kind === 'native' ? node : ['unshare', '--net', '--mount', '--propagation', 'private', '--', ...node];
}

function count(event: TestEvent, totals: Totals, fail: (text: string) => void): void {
  if (event.event === 'note') return console.log(`note    ${event.text}`);
  const name = `${event.suite}: ${event.title}`;
  if (event.event === 'pass') {
    totals.passed += 1;
    if (process.env.ORIEL_TEST_VERBOSE || event.ms > 1000) console.log(`ok      ${name}  ${event.ms} ms`);
  } else if (event.event === 'skip') {
    totals.skipped += 1;
    console.log(`skip    ${name}: ${event.reason}`);
    if (!DECLARED_SKIPS.includes(event.reason)) fail(`${name}: skipped for a reason that test/kit/skips.ts does not declare`);
  } else fail(`${name}\n${event.error.replace(/^/gm, '        ')}`);
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [kind = '', name = ''] = positionals;
  if (!(kind in KINDS)) throw new Error(`${kind || '(none)'}: the kind of tests is one of ${Object.keys(KINDS).join(', ')}`);
  process.exitCode = close(await runKind(kind as Kind, name, process.cwd())) ? 0 : 1;
}
