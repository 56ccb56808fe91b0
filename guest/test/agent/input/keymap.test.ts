import { assert, suite } from '#test/suite';
import { PRELOADED, toKeysym, toXkbText, toXmodmapText } from '../../../src/agent/input/keymap.ts';
import { MODIFIER_KEYS, PLAIN_KEYS, SPARE_KEYCODES, TYPING_KEYS } from '../../../src/agent/input/us-keys.ts';

const test = suite('keymap');

test('a character below 256 is its own key sym, any other its code point and 0x01000000', () => {
  assert.is(toKeysym('a'), 0x61);
  assert.is(toKeysym('ß'), 0xdf);
  assert.is(toKeysym('€'), 0x010020ac);
  assert.is(toKeysym('漢'), 0x01006f22);
  assert.is(toKeysym('😀'), 0x0101f600);
});

test('no two keys share a key code, and no spare key has another meaning', () => {
  const keycodes = [...[...TYPING_KEYS, ...PLAIN_KEYS, ...MODIFIER_KEYS].map(([, keycode]) => keycode), ...SPARE_KEYCODES];
  assert.is(new Set(keycodes).size, keycodes.length);
});

test('no two keys share a key sym', () => {
  const typing = TYPING_KEYS.flatMap(([, , plain, shifted]) => [toKeysym(plain), toKeysym(shifted)]);
  const keysyms = [...typing, ...[...PLAIN_KEYS, ...MODIFIER_KEYS].map(([, , keysym]) => keysym)];
  assert.is(new Set(keysyms).size, keysyms.length);
});

test('all preloaded characters have a spare key', () => {
  assert.ok(PRELOADED.length <= SPARE_KEYCODES.length);
  assert.is(new Set(PRELOADED.map(({ keysym }) => keysym)).size, PRELOADED.length);
});

test('the keymap names each key with its key syms, spare keys with one for all levels', () => {
  const text = toXkbText([{ keycode: 103, keysym: 0x010020ac }]);
  assert.match(text, 'key <AE02> { [ 0x32, 0x40 ] };');
  assert.match(text, 'key <LCTL> { type = "ONE_LEVEL", [ 0xffe3 ] };');
  assert.match(text, 'modifier_map Control { <LCTL> };');
  assert.match(text, '<O103> = 103;');
  assert.match(text, 'key <O103> { type = "ONE_LEVEL", [ 0x10020ac ] };');
});

test('a remapped letter is told twice, or X would add its other case for Shift', () => {
  assert.is(toXmodmapText([{ keycode: 103, keysym: 0xe4 }]), 'keycode 103 = 0xe4 0xe4\n');
});

test.run();
