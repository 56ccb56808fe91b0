import { suite, assert } from '#test/suite';
import { TokenBucket } from '../../src/egress/token-bucket.ts';

const test = suite('egress: rates');

test('so many at once as come in three seconds, and after that so many a second', () => {
  let now = 0;
  const bucket = new TokenBucket(10, 3, () => now);
  const take = (times: number) => Array.from({ length: times }, () => bucket.take()).filter(Boolean).length;
  assert.is(take(100), 30);
  now += 500;
  assert.is(take(100), 5);
  now += 3_600_000;
  assert.is(take(100), 30, 'what was not used is not saved up');
});

test('less than one a second still comes', () => {
  let now = 0;
  const bucket = new TokenBucket(0.5, 1, () => now);
  assert.equal([bucket.take(), bucket.take()], [true, false]);
  now += 1_999;
  assert.is(bucket.take(), false);
  now += 1;
  assert.is(bucket.take(), true);
});

test.run();
