import { assert, suite } from '#test/suite';
import { toButtonChanges } from '../../src/input/buttons.ts';

const test = suite('buttons');

const CASES: [before: number, after: number, changes: ReturnType<typeof toButtonChanges>][] = [
  [0, 0, []],
  [0, 1, [{ button: 1, down: true }]],
  [0, 2, [{ button: 3, down: true }]],
  [0, 4, [{ button: 2, down: true }]],
  [24, 0, [{ button: 8, down: false }, { button: 9, down: false }]], // prettier-ignore
  [1, 3, [{ button: 3, down: true }]],
  [3, 2, [{ button: 1, down: false }]],
  [1, 2, [{ button: 1, down: false }, { button: 3, down: true }]], // prettier-ignore
  [0, 32, []],
];

for (const [before, after, changes] of CASES) test(`${before} → ${after}`, () => assert.equal(toButtonChanges(before, after), changes));

test.run();
