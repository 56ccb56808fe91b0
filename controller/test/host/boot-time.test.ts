import { execFileSync } from 'node:child_process';
import { suite, assert } from '#test/suite';
import { readBootTime } from '../../src/host/boot-time.ts';

const test = suite('boot time');
const MODULE = new URL('../../src/host/boot-time.ts', import.meta.url).href;

test('another process of the same boot reads the same clock, whatever it is told that the time is', () => {
  const before = readBootTime();
  const script = `Date.now = () => 0; const { readBootTime } = await import(${JSON.stringify(MODULE)}); console.log(JSON.stringify(readBootTime()))`;
  const there = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as typeof before;
  const after = readBootTime();
  assert.is(there.bootId, before.bootId);
  assert.ok(before.ms <= there.ms && there.ms <= after.ms, `${before.ms} ${there.ms} ${after.ms}`);
});

test.run();
