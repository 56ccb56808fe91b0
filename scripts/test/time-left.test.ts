import { assert, suite } from '#test/suite';
import { chooseParts, hasTimeForFile } from '../time-left.ts';

const test = suite('what of a run fits into its time');

for (const [what, spentSeconds, pace, hasKernel, chosen] of [
  ['everything, on a quiet machine', 20 * 60, 1, false, { vm: true, soak: true, repro: true }],
  ['everything, on a slow one whose kernel is there', 25 * 60, 1.7, true, { vm: true, soak: true, repro: true }],
  ['no kernel to be compiled first, on a slow one', 30 * 60, 1.7, false, { vm: false, soak: true, repro: true }],
  ['virtual machines, where there is time for one part', 33 * 60, 1.7, true, { vm: true, soak: false, repro: false }],
  ['nothing, when all of it is over', 40 * 60, 1, true, { vm: false, soak: false, repro: false }],
] as const)
  test(what, () => {
    assert.equal(chooseParts({ minutes: 39, spentSeconds, pace, hasKernel }), chosen);
  });

test('everything, without a limit', () => {
  assert.equal(chooseParts({ minutes: Infinity, spentSeconds: 1e6, pace: 4, hasKernel: false }), { vm: true, soak: true, repro: true });
});

test('another file, as long as the longest one would end in time', () => {
  assert.equal(
    [30, 36, 37.9, 41].map((spent) => hasTimeForFile({ minutes: 39, spentSeconds: spent * 60, pace: 1 })),
    [true, true, false, false],
  );
  assert.is(hasTimeForFile({ minutes: 39, spentSeconds: 36 * 60, pace: 3 }), false);
  assert.is(hasTimeForFile({ minutes: Infinity, spentSeconds: 1e6, pace: 4 }), true);
});

test.run();
