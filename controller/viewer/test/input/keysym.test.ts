import { assert, suite } from '#test/suite';
import { toKeysym } from '../../src/input/keysym.ts';

const test = suite('keysym');

const CASES: [key: string, keysym: number | undefined, location?: number][] = [
  ['a', 0x61],
  ['A', 0x41],
  [' ', 0x20],
  ['~', 0x7e],
  ['ä', 0xe4],
  ['ÿ', 0xff],
  ['ß', 0xdf],
  ['€', 0x010020ac],
  ['я', 0x0100044f],
  ['日', 0x010065e5],
  ['😀', 0x0101f600],
  ['Ā', 0x01000100],
  ['Enter', 0xff0d],
  ['Enter', 0xff8d, 3],
  ['Home', 0xff50],
  ['Home', 0xff95, 3],
  ['Delete', 0xffff],
  ['Delete', 0xff9f, 3],
  ['7', 0x37, 3],
  ['+', 0x2b, 3],
  ['Shift', 0xffe1, 1],
  ['Shift', 0xffe2, 2],
  ['Control', 0xffe4, 2],
  ['Alt', 0xffea, 2],
  ['Meta', 0xffeb, 1],
  ['Meta', 0xffec, 2],
  ['AltGraph', 0xfe03, 2],
  ['F1', 0xffbe],
  ['F12', 0xffc9],
  ['F35', 0xffe0],
];

for (const [key, keysym, location = 0] of CASES)
  test(`${key} at ${location} is 0x${keysym?.toString(16)}`, () => assert.is(toKeysym({ key, location }), keysym));

for (const key of ['Dead', 'Process', 'Unidentified', 'F36', 'CapsLock', 'NumLock', 'ScrollLock', '', 'ab', 'toString', '\u0007', '\u0085'])
  test(`${JSON.stringify(key)} is nothing that the desktop gets`, () => assert.is(toKeysym({ key, location: 0 }), undefined));

test.run();
