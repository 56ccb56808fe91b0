import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';

const test = suite('vm: run.sh', { timeoutMs: 5_000 });
const RUN = join(import.meta.dirname, '../../../src/machines/vm/run.sh');
const WORDS = ['a b', "it's", '"quoted"', '', '$HOME', '`id`', '*', '\\', 'line\nline', '-n', 'ende'];

let dir: string;
let pidFile: string;

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel run-'));
  pidFile = join(dir, 'pid file');
});
test.afterEach(() => rm(dir, { recursive: true }));

const toShims = () => ['--', 'create', '--bundle', join(dir, 'bundle'), '--pid-file', pidFile, 'm-aaaaaaaaaaaa'];

test('every word reaches the program as it is, and the pid file has its pid', async () => {
  const out = join(dir, 'said');
  const program = [
    'sh',
    '-c',
    'out=$1; shift; echo $$ >"$out.pid"; printf "%s\\0" "$@" >"$out.new"; mv "$out.new" "$out"',
    'sh',
    out,
    ...WORDS,
  ];
  assert.is(await callRun([...program, ...toShims()]), 0);
  while (!existsSync(out)) await sleep(10);
  assert.equal((await readFile(out, 'utf8')).split('\0').slice(0, -1), WORDS);
  assert.is(await readFile(pidFile, 'utf8'), await readFile(`${out}.pid`, 'utf8'));
});

test('it ends at once, while the program goes on', async () => {
  assert.is(await callRun(['sleep', '30', ...toShims()]), 0);
  const pid = Number(await readFile(pidFile, 'utf8'));
  process.kill(pid, 'SIGKILL');
});

test('the program has a session to itself: who ends all of it ends nothing else', async () => {
  assert.is(await callRun(['sleep', '30', ...toShims()]), 0);
  const pid = (await readFile(pidFile, 'utf8')).trim();
  const toIds = async () => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(2, 4); // group and session
  };
  while ((await toIds())[1] !== pid) await sleep(5);
  assert.equal(await toIds(), [pid, pid]);
  process.kill(-Number(pid), 'SIGKILL');
});

const WRONG: [title: string, words: () => string[]][] = [
  ['another verb', () => toShims().with(1, 'delete')],
  ['no verb', () => ['--']],
  ['no shim at all', () => []],
  ['no pid file', () => toShims().with(4, '--other')],
  ['a word too few', () => toShims().slice(0, -1)],
  ['a word too many', () => [...toShims(), 'more']],
];
for (const [title, words] of WRONG)
  test(`a call with ${title} is refused and starts nothing`, async () => {
    const trace = join(dir, 'trace');
    assert.is.not(await callRun(['touch', trace, ...words()]), 0);
    await sleep(50);
    assert.not(existsSync(trace));
    assert.not(existsSync(pidFile));
  });

async function callRun(words: string[]): Promise<number> {
  const child = spawn('/bin/sh', [RUN, ...words], { stdio: 'ignore', timeout: 2_000, killSignal: 'SIGKILL' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === null) throw new Error('it did not end');
  return code;
}

test.run();
