import { assert, suite } from '#test/suite';
import { toEdit, toTyped } from '../../src/input/typed.ts';

const test = suite('typed text');

const tap = (keysym: number) => [
  { t: 'key', keysym, down: true },
  { t: 'key', keysym, down: false },
];

test('each character is pressed and let go, wherever it is in Unicode', () => {
  assert.equal(toTyped('aé語😀'), [0x61, 0xe9, 0x01008a9e, 0x0101f600].flatMap(tap));
});

test('a new line is Return, however it is written', () => {
  assert.equal(toTyped('a\r\nb\n'), [0x61, 0xff0d, 0x62, 0xff0d].flatMap(tap));
});

test('control characters are no keys', () => {
  assert.equal(toTyped('\u0007\u001b'), []);
});

test('a correction takes back what differs, from the end, and types the rest', () => {
  assert.equal(toEdit('helo', 'hello'), [0xff08, 0x6c, 0x6f].flatMap(tap));
  assert.equal(toEdit('  ab', '  '), [0xff08, 0xff08].flatMap(tap));
  assert.equal(toEdit('', 'x'), tap(0x78));
  assert.equal(toEdit('same', 'same'), []);
});

test('a character of two halves is one Backspace', () => {
  assert.equal(toEdit('😀', ''), tap(0xff08));
});

test.run();
