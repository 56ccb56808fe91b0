import { suite, assert } from '#test/suite';
import { MAX_SLOTS } from '../../src/net/slot.ts';
import { pickSlot } from '../../src/sessions/slots.ts';

const test = suite('slots');

test('the lowest free slot is taken', () => {
  assert.is(pickSlot([]), 0);
  assert.is(pickSlot([0, 1, 3]), 2);
});

test('there is none when all are taken', () => assert.is(pickSlot(Array(MAX_SLOTS).keys()), undefined));

test.run();
