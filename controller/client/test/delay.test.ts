import { assert, suite } from '#test/suite';
import { delay, toBackOffMs } from '../delay.ts';

const test = suite('delay');

test('back-off doubles from 0.2 s to 3 s', () => {
  assert.equal(
    [1, 2, 3, 4, 5, 6, 1000].map((tries) => toBackOffMs(tries)),
    [200, 400, 800, 1600, 3000, 3000, 3000],
  );
  assert.is(toBackOffMs(0), 200);
});

test('a delay ends with its signal’s reason', async () => {
  const reason = new Error('stop');
  const ending = new AbortController();
  const thrown = delay(60_000, ending.signal).catch((caught: unknown) => caught);
  ending.abort(reason);
  assert.is(await thrown, reason);
  assert.is(await delay(60_000, ending.signal).catch((caught: unknown) => caught), reason);
});

test.run();
