import { mkdtempSync, rmSync } from 'node:fs';
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
  assert.is((error as DataDirLocked).pid, process.pid);
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
  assert.is((error as DataDirLocked).pid, child.pid);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await lockDataDir(dir)).release();
  rmSync(dir, { recursive: true });
});

test.run();
