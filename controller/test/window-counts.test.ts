import { suite, assert } from '#test/suite';
import { WindowCounts } from '../src/window-counts.ts';

const test = suite('window counts');

test('each key is counted by itself, until its window is over', () => {
  let now = 0;
  const counts = new WindowCounts(() => now);
  assert.equal(
    [counts.count('a', 100), counts.count('a', 100), counts.count('b', 100)],
    [
      { current: 1, ttl: 100 },
      { current: 2, ttl: 100 },
      { current: 1, ttl: 100 },
    ],
  );
  now = 99;
  assert.equal(counts.count('a', 100), { current: 3, ttl: 1 });
  now = 100;
  assert.equal(counts.count('a', 100), { current: 1, ttl: 100 });
});

test('what one is told stays as it was when others are counted', () => {
  const counts = new WindowCounts();
  const first = counts.count('a', 1000);
  counts.count('a', 1000);
  assert.is(first.current, 1);
});

test('a flood of keys takes no more memory than so many', () => {
  const counts = new WindowCounts(() => 0);
  counts.count('first', 1000);
  for (let index = 0; index < 10_000; index++) counts.count(String(index), 1000);
  assert.is(counts.count('first', 1000).current, 1, 'it was forgotten');
  assert.is(counts.count('9999', 1000).current, 2, 'and this one was not');
});

test.run();
