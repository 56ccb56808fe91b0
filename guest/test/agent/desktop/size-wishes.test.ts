import { assert, suite } from '#test/suite';
import { SizeWishes } from '../../../src/agent/desktop/size-wishes.ts';

const test = suite('size wishes');

const LARGE = { width: 1600, height: 900 };
const SMALL = { width: 800, height: 600 };

test('before anybody used the desktop it has the size of the one who came first', () => {
  const wishes = new SizeWishes();
  assert.is(wishes.chosen, undefined);
  wishes.wish('a', LARGE);
  wishes.wish('b', SMALL);
  assert.equal(wishes.chosen, LARGE);
  wishes.wish('a', SMALL);
  assert.equal(wishes.chosen, SMALL);
});

test('the one who used it last has it, and keeps it while others come, change or look', () => {
  const wishes = new SizeWishes();
  wishes.wish('a', LARGE);
  wishes.wish('b', SMALL);
  wishes.use('b');
  wishes.wish('a', { width: 1000, height: 1000 });
  wishes.wish('c', LARGE);
  assert.equal(wishes.chosen, SMALL);
  wishes.use('a');
  assert.equal(wishes.chosen, { width: 1000, height: 1000 });
});

test('when that one leaves, the one who used it before has it', () => {
  const wishes = new SizeWishes();
  for (const [viewer, size] of Object.entries({ a: LARGE, b: SMALL })) {
    wishes.wish(viewer, size);
    wishes.use(viewer);
  }
  assert.equal(wishes.chosen, SMALL);
  wishes.leave('b');
  assert.equal(wishes.chosen, LARGE);
  wishes.leave('a');
  assert.is(wishes.chosen, undefined);
});

test('one who uses the desktop and has no size of its own leaves it to the others', () => {
  const wishes = new SizeWishes();
  wishes.wish('a', LARGE);
  wishes.use('scales');
  assert.equal(wishes.chosen, LARGE);
});

test.run();
