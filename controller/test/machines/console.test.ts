import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { readConsole, watchConsole } from '../../src/machines/console.ts';

const test = suite('machines: console');
let dir: string;
let path: string;

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-console-'));
  path = join(dir, 'console.log');
});

test.afterEach(() => rm(dir, { recursive: true }));

test('a console that was never written to is empty', async () => {
  assert.is(await readConsole(path), '');
});

test('a file in the format of the shim is read as plain lines', async () => {
  await writeFile(path, '2026-11-20T18:59:16.1+00:00 stdout F one\n2026-11-20T18:59:16.2+00:00 stdout F two\n');
  assert.is(await readConsole(path), 'one\ntwo\n');
});

test('a watcher sees a file that comes later, what is added, and what follows in a new one', async () => {
  const { lines, stop } = follow();
  await until(() => lines.length === 0);
  await writeFile(path, 'one\n');
  await until(() => lines.includes('one'));
  await appendFile(path, 'two\nthr');
  await until(() => lines.includes('two'));
  await appendFile(path, 'ee\n');
  await until(() => lines.includes('three'));
  await appendFile(path, 'last of the old\n');
  await writeFile(`${path}.tmp`, 'first of the new\n');
  await rename(`${path}.tmp`, path);
  await until(() => lines.includes('first of the new'));
  await truncate(path);
  await until(async () => (await readConsole(path)) === '');
  await sleep(50);
  await appendFile(path, 'after\n');
  await until(() => lines.includes('after'));
  await stop();
  assert.equal(lines, ['one', 'two', 'three', 'last of the old', 'first of the new', 'after']);
});

test('a watcher begins at the beginning and ends when told', async () => {
  await writeFile(path, 'early\n');
  const { lines, stop } = follow();
  await until(() => lines.length === 1);
  await stop();
  await appendFile(path, 'late\n');
  await sleep(30);
  assert.equal(lines, ['early']);
});

test('a flood is read at a pace that leaves time for others, to its end', async () => {
  const many = 40_000;
  await writeFile(path, Array.from({ length: many }, (_, index) => `line ${index} ${'x'.repeat(60)}\n`).join(''));
  const { lines, stop } = follow();
  const started = performance.now();
  await until(() => lines.length === many);
  assert.ok(performance.now() - started >= 400, 'three megabytes take two rests');
  await stop();
});

function follow(): { lines: string[]; stop(): Promise<void> } {
  const lines: string[] = [];
  const abort = new AbortController();
  const watching = watchConsole(path, (line) => lines.push(line), abort.signal);
  return {
    lines,
    async stop() {
      abort.abort();
      await watching;
    },
  };
}

async function until(fits: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 3_000; !(await fits()); await sleep(5)) if (Date.now() > end) throw new Error(`not seen: ${fits}`);
}

test.run();
