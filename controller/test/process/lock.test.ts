import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { suite, assert } from '#test/suite';
import { DataDirLocked, lockDataDir } from '../../src/process/lock.ts';

const test = suite('lock');
const LOCK = new URL('../../src/process/lock.ts', import.meta.url).href;

test('a data directory has one controller; the second is told whose it is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-lock-'));
  const lock = await lockDataDir(dir);
  const error = await lockDataDir(dir).catch((reason: unknown) => reason);
  assert.instance(error, DataDirLocked);
  assert.is((error as DataDirLocked).holder?.pid, process.pid);
  await lock.release();
  await (await lockDataDir(dir)).release();
  rmSync(dir, { recursive: true });
});

test('the lock of a process that was killed is free', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-lock-'));
  const script = `const { lockDataDir } = await import(${JSON.stringify(LOCK)}); await lockDataDir(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const error = await lockDataDir(dir).catch((reason: unknown) => reason);
  assert.is((error as DataDirLocked).holder?.pid, child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await lockDataDir(dir)).release();
  rmSync(dir, { recursive: true });
});

test('a pid that is half written, or another process’s by now, is nobody’s: who asks it to end must not end a stranger', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-lock-'));
  const lock = await lockDataDir(dir);
  const path = join(dir, 'controller.pid');
  const right = readFileSync(path, 'utf8');
  const [pid, startTime] = right.split(' ');
  const holderBy = async (text: string) => {
    writeFileSync(path, text);
    return ((await lockDataDir(dir).catch((reason: unknown) => reason)) as DataDirLocked).holder?.pid;
  };
  for (const text of ['', pid!, `${pid} `, right.trim(), `${pid} ${Number(startTime) - 1}\n`, `${2 ** 22 + 1} ${startTime}`, 'x y\n'])
    assert.is(await holderBy(text), undefined, JSON.stringify(text));
  assert.is(await holderBy(right), process.pid);
  await lock.release();
  rmSync(dir, { recursive: true });
});

test.run();
