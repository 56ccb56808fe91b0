import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { LimitStore } from '../../src/routes/limit-store.ts';

const test = suite('limits in a window of time');

function count(store: LimitStore, key: string, windowMs: number): number {
  let count = 0;
  store.incr(key, (_error, result) => void (count = result!.current), windowMs);
  return count;
}

test('each key is counted for itself, and anew in each window', async () => {
  const store = new LimitStore();
  assert.equal([count(store, 'a', 30), count(store, 'a', 30), count(store, 'b', 30)], [1, 2, 1]);
  await sleep(40);
  assert.is(count(store, 'a', 30), 1);
  assert.is(count(store.child(), 'a', 30), 1, 'each route has its own');
});

for (const hours of [1, -1])
  test(`the host's clock jumps by ${hours} h: a window is neither shorter nor longer`, async () => {
    const store = new LimitStore();
    count(store, 'a', 100);
    const { now } = Date;
    Date.now = () => now() + hours * 3_600_000;
    try {
      assert.is(count(store, 'a', 100), 2);
      await sleep(120);
      assert.is(count(store, 'a', 100), 1);
    } finally {
      Date.now = now;
    }
  });

test('keys are forgotten that were asked for longest ago', () => {
  const store = new LimitStore();
  for (let key = 0; key <= 5_000; key++) count(store, String(key), 60_000);
  assert.is(count(store, '5000', 60_000), 2);
  assert.is(count(store, '0', 60_000), 1);
});

test.run();
