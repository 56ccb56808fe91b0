import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { suite, assert } from '#test/suite';
import { isAlive, parseStartTime, readStartTime, signalProcess } from '../../src/host/process.ts';

const test = suite('host: process');

test('the start time is found behind a name made to mislead', () => {
  const fields = Array.from({ length: 49 }, (_, index) => String(index + 4));
  assert.is(parseStartTime(`4711 (a) R 1 (b) S ${fields.join(' ')}`), 22);
});

test('a zombie has ended', () => {
  assert.is(parseStartTime(`4711 (sh) Z ${Array.from({ length: 49 }, () => '7').join(' ')}`), undefined);
});

test('a pid that another process has by now is not signalled', async () => {
  const child = spawn('sleep', ['9']);
  const startTime = (await readStartTime(child.pid!))!;
  const [mine, stranger] = [
    { pid: child.pid!, startTime },
    { pid: child.pid!, startTime: startTime + 1 },
  ];
  assert.is(await signalProcess(stranger, 'SIGKILL'), false);
  assert.is(await isAlive(mine), true);
  assert.is(await signalProcess(mine, 'SIGKILL'), true);
  await once(child, 'exit');
  assert.is(await isAlive(mine), false);
  assert.is(await signalProcess(mine, 'SIGKILL'), false);
});

test.run();
