import { assert, suite } from '#test/suite';
import { type LinkShape, MOTION, type Second, simulate } from './simulated-link.ts';

const test = suite('congestion control on a simulated link');

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percentile95 = (seconds: readonly Second[]) => {
  const all = seconds.flatMap(({ queueMs }) => queueMs).sort((a, b) => a - b);
  return all[Math.floor(all.length * 0.95)]!;
};
const longestFreeze = (seconds: readonly Second[]) => Math.max(...seconds.map(({ freezeMs }) => freezeMs));

/** 70 to 100 % of the link are used, and its queue stays short. */
function assertFollows(seconds: readonly Second[], kbps: number): void {
  const delivered = mean(seconds.map((second) => second.kbps));
  assert.ok(delivered >= 0.7 * kbps && delivered <= kbps, `delivered ${delivered} of ${kbps} kbit/s`);
  for (const { targetKbps } of seconds) assert.ok(targetKbps <= 1.4 * kbps, `target ${targetKbps} of ${kbps} kbit/s`);
  const queueMs = percentile95(seconds);
  assert.ok(queueMs <= 150, `queue ${queueMs} ms`);
}

const LINKS: Record<string, LinkShape> = {
  '500 kbit/s': { kbps: 500 },
  '1 Mbit/s': { kbps: 1000 },
  '3 Mbit/s': { kbps: 3000 },
  '5 Mbit/s': { kbps: 5000 },
  '3 Mbit/s, 2 % lost': { kbps: 3000, lossShare: 0.02 },
  '3 Mbit/s, 5 % lost': { kbps: 3000, lossShare: 0.05 },
  '3 Mbit/s, 10 ms jitter': { kbps: 3000, jitterMs: 10 },
  '3 Mbit/s, 100 ms each way': { kbps: 3000, delayMs: 100 },
};

for (const [name, shape] of Object.entries(LINKS)) {
  test(`motion fills ${name} and no queue`, () => {
    const seconds = simulate(20, () => shape);
    assertFollows(seconds.slice(5), shape.kbps);
    assert.ok(longestFreeze(seconds.slice(5)) < 1000);
  });
}

test('steps from 5 to 1 to 5 Mbit/s are followed within three seconds', () => {
  const seconds = simulate(45, (second) => ({ kbps: second < 15 || second >= 30 ? 5000 : 1000 }));
  assertFollows(seconds.slice(3, 15), 5000);
  assertFollows(seconds.slice(18, 30), 1000);
  assertFollows(seconds.slice(33), 5000);
  assert.ok(longestFreeze(seconds) < 1000);
});

test('after two seconds without a link the picture is back in less than one', () => {
  const seconds = simulate(20, (second) => ({ kbps: 3000, isDown: second === 8 || second === 9 }));
  assert.ok(longestFreeze(seconds) >= 1900, 'there was no outage');
  assert.ok(longestFreeze(seconds) < 3000);
  assertFollows(seconds.slice(12), 3000);
});

test('a desktop that changes now and then keeps its rate, on a link that is fast and shakes', () => {
  const seconds = simulate(
    20,
    () => ({ kbps: 100_000, delayMs: 1, jitterMs: 20 }),
    (_, __, frame) => (frame % 20 === 0 ? 3000 : 0),
  );
  for (const { targetKbps } of seconds) assert.is(targetKbps, 8000);
});

test('a viewer whose processor is busy is not taken for a slow link', () => {
  const screen: typeof MOTION = (_, __, frame) => (frame % 3 === 0 ? 7000 : 0);
  const seconds = simulate(30, () => ({ kbps: 100_000, delayMs: 1, stallMs: 200 }), screen);
  for (const { targetKbps } of seconds) assert.ok(targetKbps > 4000, `target ${targetKbps}`);
});

test('the rate that was given up comes back with the first great changes of the screen', () => {
  const screen: typeof MOTION = (kbps, framerate, frame) =>
    frame > 250 ? (frame % 40 === 0 ? 30_000 : 0) : MOTION(kbps, framerate, frame);
  const seconds = simulate(25, (second) => ({ kbps: second < 6 ? 1000 : 20_000 }), screen);
  assert.ok(seconds[5]!.targetKbps < 1400);
  assert.is(seconds.at(-1)!.targetKbps, 8000);
});

test.run();
