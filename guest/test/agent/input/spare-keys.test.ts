import { assert, suite } from '#test/suite';
import { SETTLED_MS, SpareKeys } from '../../../src/agent/input/spare-keys.ts';
import { SPARE_KEYCODES } from '../../../src/agent/input/us-keys.ts';

const test = suite('spare keys');
const nothingHeld = () => false;

test('a key sym keeps its key until all others have been used since', () => {
  const spares = new SpareKeys();
  const first = spares.assign(0x01000400, 0, nothingHeld)!;
  assert.is(spares.find(0x01000400, 1), first.keycode);
  for (let index = 1; index < SPARE_KEYCODES.length; index++) spares.assign(0x01000400 + index, 1 + index, nothingHeld);
  assert.is(spares.find(0x01000400, 100), first.keycode);
});

test('a key that was used a moment ago is not given away before programs have read it', () => {
  const spares = new SpareKeys();
  for (let index = 0; index < SPARE_KEYCODES.length; index++) assert.is(spares.assign(0x01000400 + index, 0, nothingHeld)!.waitMs, 0);
  assert.is(spares.assign(0x01000500, 100, nothingHeld)!.waitMs, SETTLED_MS - 100);
});

test('a key that is down is never given away', () => {
  const spares = new SpareKeys();
  const [first] = SPARE_KEYCODES;
  for (let index = 0; index < SPARE_KEYCODES.length * 2; index++) {
    assert.is.not(spares.assign(0x01000400 + index, index * 1000, (keycode) => keycode === first)!.keycode, first);
  }
});

test('when all are down there is none to give', () => {
  assert.is(
    new SpareKeys().assign(0x01000400, 0, () => true),
    undefined,
  );
});

test('a reservation takes nothing from key syms of the same batch', () => {
  const spares = new SpareKeys();
  const known = spares.find(0xe4, 0);
  const reserved = spares.reserve([0xe4, ...Array.from({ length: 100 }, (_, index) => 0x01000400 + index)], 1000, nothingHeld);
  assert.is(spares.find(0xe4, 1000), known);
  assert.is(new Set(reserved.map(({ keycode }) => keycode)).size, reserved.length);
});

test.run();
