import { PASTE_MAX, type InputEvent } from '#contract/input';
import { assert, suite } from '#test/suite';
import { Injector } from '../../../src/agent/input/injector.ts';
import { toKeysym } from '../../../src/agent/input/keymap.ts';
import { FakeX } from '../../fakes/fake-x.ts';

const test = suite('injector');
const SHIFT = 0xffe1;
const CONTROL = 0xffe3;

/** Time stands still but for what is slept. */
function start(): { x: FakeX; injector: Injector; slept: () => number } {
  const x = new FakeX();
  let now = 0;
  const sleep = async (ms: number) => void (now += ms);
  return { x, injector: new Injector({ display: x, now: () => now, sleep }), slept: () => now };
}

function key(keysym: number, down: boolean): InputEvent {
  return { t: 'key', keysym, down };
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Types as a viewer with a layout that has `shifted` behind its Shift key tells it. */
function type(injector: Injector, text: string, shifted: string): void {
  for (const character of text) {
    const keysym = toKeysym(character);
    if (shifted.includes(character)) injector.handle('p', key(SHIFT, true));
    injector.handle('p', key(keysym, true));
    injector.handle('p', key(keysym, false));
    if (shifted.includes(character)) injector.handle('p', key(SHIFT, false));
  }
}

const TEXT = '~!@#$%^&*()_+{}|:"<>?`-=[]\\;\',./ABC xyz 0123456789 äöüß€ÄÖÜ§° 漢字 кириллица';
const LAYOUTS = {
  'a US keyboard': '~!@#$%^&*()_+{}|:"<>?ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'a German keyboard': '!"§$%&/()=?`*\':;_>°ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ',
  'a French keyboard': '1234567890°+¨£%µ?./§>ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'Caps Lock, or a phone': '',
};
for (const [name, shifted] of Object.entries(LAYOUTS)) {
  test(`text typed with ${name} arrives exactly, and nothing stays down`, async () => {
    const { x, injector } = start();
    type(injector, TEXT, shifted);
    await tick();
    assert.is(x.typed, TEXT);
    assert.is(x.down.size, 0);
  });
}

test('what usual layouts type needs no remapping', async () => {
  const { x, injector } = start();
  type(injector, TEXT.slice(0, TEXT.indexOf('漢')), LAYOUTS['a German keyboard']);
  await tick();
  assert.equal(x.remaps, []);
});

test('several hundred different characters arrive exactly; X is told of many at a time', async () => {
  const { x, injector } = start();
  const text = Array.from({ length: 300 }, (_, index) => String.fromCodePoint(0x4e00 + index * 7)).join('');
  type(injector, text, '');
  for (let turn = 0; turn < 20 && x.typed.length < 300; turn++) await tick();
  assert.is(x.typed, text);
  assert.ok(x.remaps.length < 60, `${x.remaps.length} remaps`);
});

test('a key that X has to be told of waits until programs have read the new keymap', async () => {
  const { injector, slept } = start();
  type(injector, '漢', '');
  await tick();
  assert.is(slept(), 30);
});

test('on a slow machine it waits for longer, as X was told more slowly; not for ever', async () => {
  for (const [ms, wanted] of [
    [10, 30],
    [100, 200],
    [5_000, 500],
  ] as const) {
    const x = new FakeX();
    let [now, slept] = [0, 0];
    const slow = Object.assign(x, { remap: async () => void (now += ms) });
    type(new Injector({ display: slow, now: () => now, sleep: async (ms) => void (slept += ms) }), '漢', '');
    await tick();
    assert.is(slept, wanted);
  }
});

test('Control and a letter is that letter’s key alone, whatever Caps Lock makes of it', async () => {
  const { x, injector } = start();
  for (const event of [key(CONTROL, true), key(0x43, true), key(0x43, false), key(CONTROL, false)]) injector.handle('p', event);
  await tick();
  assert.equal(x.presses, [{ keysym: 0x63, modifiers: [CONTROL] }]);
});

test('Control, Shift and a letter keep both modifiers', async () => {
  const { x, injector } = start();
  for (const event of [key(CONTROL, true), key(SHIFT, true), key(0x43, true)]) injector.handle('p', event);
  await tick();
  assert.equal(x.presses, [{ keysym: 0x43, modifiers: [SHIFT, CONTROL] }]);
});

test('a held key that comes again is pressed again', async () => {
  const { x, injector } = start();
  for (const event of [key(0x61, true), key(0x61, true), key(0x61, true), key(0x61, false)]) injector.handle('p', event);
  await tick();
  assert.is(x.typed, 'aaa');
  assert.is(x.down.size, 0);
});

test('locks and third-level keys are left out, Meta is Super, Num-Lock-less keypad keys are the plain ones', async () => {
  const { x, injector } = start();
  for (const keysym of [0xffe5, 0xff7f, 0xff14, 0xfe03, 0xff7e]) injector.handle('p', key(keysym, true));
  await tick();
  assert.equal(x.lines, []);
  injector.handle('p', key(0xffe7, true));
  injector.handle('p', key(0xff95, true));
  await tick();
  assert.equal(x.presses, [{ keysym: 0xff50, modifiers: [0xffeb] }]);
});

test('release lets go of all that the viewer holds, and of nothing that another holds', async () => {
  const { x, injector } = start();
  injector.handle('a', key(SHIFT, true));
  injector.handle('a', key(0x42, true));
  injector.handle('b', key(CONTROL, true));
  injector.handle('a', { t: 'button', button: 1, down: true, x: 5, y: 6 });
  injector.handle('a', { t: 'release' });
  await tick();
  assert.equal([...x.down], [37]);
  assert.match(x.lines.at(-1)!, 'mouseup 1');
  injector.handle('b', { t: 'release' });
  await tick();
  assert.is(x.down.size, 0);
});

test('what two viewers hold goes up with the last of them', async () => {
  const { x, injector } = start();
  injector.handle('a', key(SHIFT, true));
  injector.handle('b', key(SHIFT, true));
  injector.handle('a', key(SHIFT, false));
  await tick();
  assert.equal([...x.down], [50]);
  injector.handle('b', key(SHIFT, false));
  await tick();
  assert.is(x.down.size, 0);
});

test('a button moves the pointer there first', async () => {
  const { x, injector } = start();
  injector.handle('p', { t: 'button', button: 3, down: true, x: 0, y: 0 });
  await tick();
  assert.equal(x.lines, ['mousemove 0 0 mousedown 3']);
});

test('moves are dropped while the injecting process is behind, clicks never', async () => {
  const { x, injector } = start();
  x.behind = true;
  injector.move({ t: 'move', x: 1, y: 1, n: 1 });
  injector.handle('p', { t: 'button', button: 1, down: true, x: 2, y: 2 });
  await tick();
  assert.equal(x.lines, ['mousemove 2 2 mousedown 1']);
});

test('a flood of keys that X has to be told of is cut off, and nothing stays down after the release', async () => {
  const { x, injector } = start();
  for (let index = 0; index < 5000; index++) injector.handle('p', key(0x01004e00 + index, true));
  injector.handle('p', { t: 'release' });
  for (let turn = 0; turn < 200; turn++) await tick();
  assert.ok(x.presses.length <= 1001, `${x.presses.length} presses`);
  assert.is(x.down.size, 0);
});

test('a new start lets go of what an earlier life left down', () => {
  const { x, injector } = start();
  x.down.add(50).add(103);
  injector.reset();
  assert.is(x.down.size, 0);
});

test('pasted text is on the clipboard before the key that pastes it; each viewer’s pieces are its own', async () => {
  const { x, injector } = start();
  injector.handle('p', { t: 'paste', text: 'one ', more: true });
  injector.handle('q', { t: 'paste', text: 'other', more: false });
  injector.handle('p', { t: 'paste', text: 'two', more: false });
  x.setClipboard = async (text) => {
    await tick();
    assert.is(x.typed, '');
    x.clipboards.push(text);
  };
  injector.handle('p', key(toKeysym('v'), true));
  injector.handle('p', key(toKeysym('v'), false));
  for (let turn = 0; turn < 10; turn++) await tick();
  assert.equal([x.clipboards, x.typed], [['other', 'one two'], 'v']);
});

test('too much text, and text whose viewer has left in the midst of it, is none', async () => {
  const { x, injector } = start();
  for (let piece = 0; piece <= PASTE_MAX / 150; piece++) {
    injector.handle('p', { t: 'paste', text: 'x'.repeat(150), more: true });
    await tick();
  }
  injector.handle('p', { t: 'paste', text: '', more: false });
  injector.handle('p', { t: 'paste', text: 'half', more: true });
  injector.handle('p', { t: 'release' });
  injector.handle('p', { t: 'paste', text: ' and half', more: false });
  await tick();
  assert.equal(x.clipboards, [' and half']);
});

test('what a locked pointer does is done where the pointer is', async () => {
  const { x, injector } = start();
  injector.handle('p', { t: 'nudge', dx: 5, dy: -2 });
  injector.handle('p', { t: 'button', button: 1, down: true });
  injector.handle('p', { t: 'wheel', dx: 0, dy: 1 });
  injector.handle('p', { t: 'button', button: 1, down: false });
  await tick();
  assert.equal(x.lines.slice(-4), ['mousemove_relative -- 5 -2', 'mousedown 1', 'mousedown 5 mouseup 5', 'mouseup 1']);
});

test.run();
