import { assert, suite } from '#test/suite';
import { StickyKeys } from '../../src/input/sticky-keys.ts';

const test = suite('sticky keys');
const CONTROL = 0xffe3;
const ALT = 0xffe9;
const key = (keysym: number, down: boolean) => ({ t: 'key', keysym, down }) as const;

test('they are held until the next key comes up, all of them, and once', () => {
  const sticky = new StickyKeys();
  assert.equal(sticky.toggle(CONTROL), [key(CONTROL, true)]);
  assert.equal(sticky.toggle(ALT), [key(ALT, true)]);
  assert.equal(sticky.after(key(0x63, true)), []);
  assert.equal(sticky.after(key(0x63, false)), [key(CONTROL, false), key(ALT, false)]);
  assert.equal(sticky.after(key(0x64, false)), []);
});

test('a second touch lets go, and a click of the mouse does not', () => {
  const sticky = new StickyKeys();
  sticky.toggle(CONTROL);
  assert.equal(sticky.after({ t: 'button', button: 1, down: false, x: 1, y: 1 }), []);
  assert.ok(sticky.has(CONTROL));
  assert.equal(sticky.toggle(CONTROL), [key(CONTROL, false)]);
  assert.not(sticky.has(CONTROL));
});

test.run();
