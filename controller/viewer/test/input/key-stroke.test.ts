import { assert, suite } from '#test/suite';
import { KeyStroke, type KeyEvent } from '../../src/input/key-stroke.ts';

const test = suite('key stroke');

const event = (key: string, code: string, more: Partial<KeyEvent> = {}): KeyEvent => ({
  key,
  code,
  location: 0,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  isComposing: false,
  timeStamp: 0,
  ...more,
});
const down = (keysym: number) => ({ t: 'key', keysym, down: true });
const up = (keysym: number) => ({ t: 'key', keysym, down: false });

test('a key goes down and up with its keysym', () => {
  const stroke = new KeyStroke('other');
  assert.equal(stroke.down(event('a', 'KeyA')), [down(0x61)]);
  assert.equal(stroke.up(event('a', 'KeyA')), [up(0x61)]);
});

test('what goes up is what went down, when Shift was let go in between', () => {
  const stroke = new KeyStroke('other');
  stroke.down(event('Shift', 'ShiftLeft', { location: 1 }));
  assert.equal(stroke.down(event('!', 'Digit1', { shiftKey: true })), [down(0x21)]);
  assert.equal(stroke.up(event('Shift', 'ShiftLeft', { location: 1 })), [up(0xffe1)]);
  assert.equal(stroke.up(event('1', 'Digit1')), [up(0x21)]);
});

test('a held key repeats with the keysym that it went down with', () => {
  const stroke = new KeyStroke('other');
  stroke.down(event('a', 'KeyA'));
  assert.equal(stroke.down(event('A', 'KeyA')), [down(0x61)]);
});

test('a key that never went down does not go up', () => {
  const stroke = new KeyStroke('other');
  assert.equal(stroke.up(event('a', 'KeyA')), []);
  stroke.down(event('a', 'KeyA'));
  stroke.forgetAll();
  assert.equal(stroke.up(event('a', 'KeyA')), []);
});

test('a key without a place is pressed and let go at once', () => {
  assert.equal(new KeyStroke('other').down(event('x', '')), [down(0x78), up(0x78)]);
});

test('composition and dead keys send nothing, the composed character comes through', () => {
  const stroke = new KeyStroke('other');
  assert.equal(stroke.down(event('Dead', 'Quote')), []);
  assert.equal(stroke.up(event('Dead', 'Quote')), []);
  assert.equal(stroke.down(event('é', 'KeyE')), [down(0xe9)]);
  assert.equal(stroke.down(event('k', 'KeyK', { isComposing: true })), []);
});

test('Windows: Control and Alt right after each other are AltGr', () => {
  const stroke = new KeyStroke('windows');
  assert.equal(stroke.down(event('Control', 'ControlLeft', { location: 1, timeStamp: 1000 })), []);
  assert.ok(stroke.isUnsettled);
  assert.equal(stroke.down(event('AltGraph', 'AltRight', { location: 2, timeStamp: 1001 })), [down(0xfe03)]);
  assert.equal(stroke.down(event('@', 'KeyQ', { timeStamp: 1100 })), [down(0x40)]);
  assert.equal(stroke.up(event('@', 'KeyQ')), [up(0x40)]);
  assert.equal(stroke.up(event('Control', 'ControlLeft', { location: 1 })), []);
  assert.equal(stroke.up(event('AltGraph', 'AltRight', { location: 2 })), [up(0xfe03)]);
});

test('Windows: a Control of its own is told with the next key, its release, or after a moment', () => {
  const stroke = new KeyStroke('windows');
  const control = event('Control', 'ControlLeft', { location: 1, timeStamp: 1000 });
  stroke.down(control);
  assert.equal(stroke.down(event('c', 'KeyC', { ctrlKey: true, timeStamp: 1010 })), [down(0xffe3), down(0x63)]);
  assert.equal(stroke.up(control), [up(0xffe3)]);
  stroke.down(control);
  assert.equal(stroke.up(control), [down(0xffe3), up(0xffe3)]);
  stroke.down(control);
  assert.equal(stroke.settle(), [down(0xffe3)]);
  assert.not(stroke.isUnsettled);
});

test('Windows: the last Shift that goes up takes the other one along', () => {
  const stroke = new KeyStroke('windows');
  stroke.down(event('Shift', 'ShiftLeft', { location: 1 }));
  stroke.down(event('Shift', 'ShiftRight', { location: 2 }));
  assert.equal(stroke.up(event('Shift', 'ShiftRight', { location: 2 })), [up(0xffe2), up(0xffe1)]);
});

test('Mac: ⌘ is Control, and a key with it held is let go at once', () => {
  const stroke = new KeyStroke('mac');
  assert.equal(stroke.down(event('Meta', 'MetaLeft', { location: 1, metaKey: true })), [down(0xffe3)]);
  assert.equal(stroke.down(event('c', 'KeyC', { metaKey: true })), [down(0x63), up(0x63)]);
  assert.equal(stroke.up(event('Meta', 'MetaLeft', { location: 1 })), [up(0xffe3)]);
  assert.equal(stroke.down(event('Meta', 'MetaRight', { location: 2, metaKey: true })), [down(0xffe4)]);
});

test('Mac: ⌥ chooses a character, and is no Alt', () => {
  const stroke = new KeyStroke('mac');
  assert.equal(stroke.down(event('Alt', 'AltLeft', { location: 1, altKey: true })), [down(0xfe03)]);
  assert.equal(stroke.down(event('@', 'KeyL', { altKey: true })), [down(0x40)]);
});

test('elsewhere the key with the logo is Super, and Alt is Alt', () => {
  const stroke = new KeyStroke('other');
  assert.equal(stroke.down(event('Meta', 'MetaLeft', { location: 1, metaKey: true })), [down(0xffeb)]);
  assert.equal(stroke.down(event('Alt', 'AltLeft', { location: 1, metaKey: true, altKey: true })), [down(0xffe9)]);
});

test('a modifier whose release was never told goes up with the next key', () => {
  const stroke = new KeyStroke('other');
  stroke.down(event('Alt', 'AltLeft', { location: 1, altKey: true }));
  stroke.down(event('Control', 'ControlRight', { location: 2, altKey: true, ctrlKey: true }));
  assert.equal(stroke.down(event('a', 'KeyA', { ctrlKey: true })), [up(0xffe9), down(0x61)]);
  assert.equal(stroke.down(event('b', 'KeyB')), [up(0xffe4), down(0x62)]);
});

test.run();
