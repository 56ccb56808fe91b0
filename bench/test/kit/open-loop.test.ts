import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { askAtRate } from '../../kit/open-loop.ts';

const test = suite('bench: open loop');

test('a server that stops has all waiting that came meanwhile, and each is counted from when it was due', async () => {
  let isOpen = Promise.resolve();
  const asked: number[] = [];
  const ms = await askAtRate(100, 1, async (count) => {
    if (count === 10) isOpen = sleep(300);
    asked.push(count);
    await isOpen;
  });
  assert.equal(
    asked,
    Array.from({ length: 100 }, (_, index) => index),
  );
  assert.is(ms.length, 100);
  assert.ok(ms[10]! > 250, String(ms[10]));
  assert.ok(ms[30]! < ms[10]! && ms[30]! > 20, 'what came in the middle of it has waited for the rest of it');
});

test.run();
