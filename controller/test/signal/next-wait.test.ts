import { assert, suite } from '#test/suite';
import { GUEST_WAIT_MAX } from '#contract/guest';
import { toNextWait } from '../../src/signal/next-wait.ts';

const test = suite('next wait');

test('a machine of the pool is heard of often, one in use seldom, and no two at the same time', () => {
  assert.is(toNextWait({ sessionId: undefined }, 0.5), 25);
  const waits = [0, 0.5, 0.999_999].map((random) => toNextWait({ sessionId: 's' }, random));
  assert.equal(waits, [150, 210, 270]);
  for (const wait of waits) assert.ok(wait <= GUEST_WAIT_MAX);
});

test.run();
