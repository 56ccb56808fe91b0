import { assert, suite } from '#test/suite';
import { shuffle, toRandom } from '../../kit/random.ts';
import { toMedian, toSummary } from '../../kit/stats.ts';
import { toTable } from '../../kit/table.ts';

const test = suite('statistics of the benches');

test('percentiles are samples that were measured', () => {
  const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
  assert.equal(toSummary(samples), { n: 200, median: 100, p95: 190, p99: 198, min: 1, max: 200 });
});

test('one sample is every percentile', () => {
  assert.equal(toSummary([7]), { n: 1, median: 7, p95: 7, p99: 7, min: 7, max: 7 });
});

test('numbers are sorted as numbers, and the samples are left as they are', () => {
  const samples = [100, 9, 20];
  assert.is(toMedian(samples), 20);
  assert.equal(samples, [100, 9, 20]);
});

test('no samples are no summary', () => {
  assert.throws(() => toSummary([]), /no samples/);
});

test('a seed gives one order, another seed another, and nothing is lost', () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  const order = shuffle(items, toRandom(1));
  assert.equal(shuffle(items, toRandom(1)), order);
  assert.not.equal(shuffle(items, toRandom(2)), order);
  assert.equal(
    order.toSorted((a, b) => a - b),
    items,
  );
});

test('a table has its columns in one width, and a row without samples shows', () => {
  assert.is(
    toTable([
      { name: 'first frame', samples: [1234.5, 1000] },
      { name: 'x', samples: [] },
      { name: 'click', samples: [16.64] },
    ]),
    [
      'ms           n  median   p95   p99   min   max',
      'first frame  2    1000  1235  1235  1000  1235',
      'x            0       –     –     –     –     –',
      'click        1    16.6  16.6  16.6  16.6  16.6',
    ].join('\n'),
  );
});

test.run();
