import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { LastInput } from '../../../src/agent/input/last-input.ts';

const test = suite('last input');

function start(everyMs: number) {
  const told: number[] = [];
  let now = 0;
  const input: LastInput = new LastInput({ clock: () => now, tell: () => told.push(input.ms), everyMs });
  const use = (ms: number) => {
    now = ms;
    input.note();
  };
  return { input, told, use };
}

test('the first input is told at once, a flood of it not more often than it has to be, the last of it in any case', async () => {
  const { input, told, use } = start(50);
  assert.is(input.ms, 0);
  for (let ms = 1; ms <= 1000; ms++) use(ms);
  assert.equal([told, input.ms], [[1], 1000]);
  await sleep(120);
  assert.equal(told, [1, 1000]);
  await sleep(60);
  use(2000);
  assert.equal(told, [1, 1000, 2000]);
  input.stop();
});

test('after its end nothing is told', async () => {
  const { input, told, use } = start(10);
  use(1);
  use(2);
  input.stop();
  await sleep(30);
  assert.equal(told, [1]);
});

test.run();
