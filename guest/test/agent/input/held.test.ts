import { assert, suite } from '#test/suite';
import { Held } from '../../../src/agent/input/held.ts';

const test = suite('held');

test('the first holder presses, the last one releases', () => {
  const held = new Held();
  assert.is(held.hold('a', 1), true);
  assert.is(held.hold('b', 1), false);
  assert.is(held.release('a', 1), false);
  assert.is(held.has(1), true);
  assert.is(held.release('b', 1), true);
  assert.is(held.has(1), false);
});

test('nobody lets go of what another holds', () => {
  const held = new Held();
  held.hold('a', 1);
  assert.is(held.release('b', 1), false);
  assert.equal(held.heldBy('a'), [1]);
  assert.equal(held.heldBy('b'), []);
});

test.run();
