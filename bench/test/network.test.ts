import { assert, suite } from '#test/suite';
import { judge } from '../network/judge.ts';
import { toLines } from '../network/tell.ts';

const test = suite('bench network');

const SPAN = { from: 10_000, to: 20_000 };
/** A picture each 100 ms, drawn 50 ms before it is seen, but for those that `isSeen` leaves out. */
function look(isSeen: (at: number) => boolean) {
  const times = Array.from({ length: 100 }, (_, index) => SPAN.from + index * 100);
  const paints = new Map(times.map((at, index) => [index + 1, at - 50]));
  const shown = times.map((at, index): [number, number] => [index + 1, at]).filter(([, at]) => isSeen(at));
  const carried = {
    packets: 100,
    bytes: 1_000_000,
    lost: 0,
    cut: 0,
    waits: [
      [5, 94],
      [80, 3],
      [200, 3],
    ] as [number, number][],
  };
  return judge([...shown, [4711, SPAN.from + 10]], paints, SPAN, { carried, bits: 10_000_000 });
}

test('pauses, delay, queue and the link’s share come from what was seen and carried', () => {
  const judgement = look((at) => at < 13_000 || at > 14_500);
  assert.equal(judgement.freezesMs, [1700]);
  assert.equal([judgement.longestMs, judgement.queueP95Ms, judgement.goodput, judgement.kbps], [1700, 80, 0.8, 800]);
  assert.is(judgement.delaysMs[0], 50);
});

test('a picture that never came is one long pause', () => {
  const judgement = look(() => false);
  assert.equal([judgement.fps, judgement.freezesMs], [0, [10_000]]);
});

test('the verdict is about Oriel, and knows of an outage that was meant', () => {
  const judgement = look((at) => at < 13_000 || at > 16_000);
  const say = (link: '3 Mbit/s' | '3 Mbit/s and away for 2 s') => toLines([{ ...judgement, link, variant: 'oriel' }])[0]!;
  assert.match(say('3 Mbit/s'), /longest pause 3200 ms, queue p95 80 ms, 800 kbit\/s \(80 %\): MISSED: pauses$/);
  assert.match(say('3 Mbit/s and away for 2 s'), /: met$/);
  assert.not.match(toLines([{ ...judgement, link: '3 Mbit/s', variant: 'noVNC' }])[0]!, /met|MISSED/);
});

test.run();
