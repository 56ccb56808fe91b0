import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { assert, suite } from '#test/suite';
import { boundLog } from '../../src/host/bounded-log.ts';
import { openLogDestination } from '../../src/host/log-destination.ts';

const test = suite('bounded log');
const MAX = 20_000;

test('a log never grows beyond its limit; its last lines are whole, in order, and none is missing among them', () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-'));
  const path = join(dir, 'log');
  const fd = openSync(path, 'a+');
  writeSync(fd, `${'x'.repeat(MAX - 100)}\n`);
  const destination = openLogDestination(fd);
  boundLog(destination, fd, MAX);
  const log = pino({ base: null }, destination);
  let most = 0;
  for (let n = 0; n < 2_000; n++) {
    log.warn({ n }, 'request failed');
    most = Math.max(most, statSync(path).size);
  }
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const numbers = lines.map((line) => (JSON.parse(line) as { n: number }).n);
  assert.ok(most <= MAX, `${most} bytes`);
  assert.ok(numbers.length * 60 > MAX / 3, `${numbers.length} lines are left`);
  assert.equal(
    numbers,
    numbers.map((_, index) => 2_000 - numbers.length + index),
  );
  closeSync(fd);
  rmSync(dir, { recursive: true });
});

test.run();
