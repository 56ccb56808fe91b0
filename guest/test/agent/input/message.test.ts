import { assert, suite } from '#test/suite';
import { parseControl, parseInput, parseMove } from '../../../src/agent/input/message.ts';

const test = suite('input messages');

test('events of the contract pass as they are', () => {
  const events = [
    { t: 'button', button: 1, down: true, x: 0, y: 0 },
    { t: 'button', button: 9, down: false, x: 65535, y: 719 },
    { t: 'wheel', dx: 0, dy: -3, x: 10, y: 10 },
    { t: 'button', button: 1, down: true },
    { t: 'wheel', dx: 0, dy: 1 },
    { t: 'nudge', dx: -4096, dy: 4096 },
    { t: 'key', keysym: 0x61, down: true },
    { t: 'key', keysym: 0x010020ac, down: false },
    { t: 'release' },
    { t: 'paste', text: '"'.repeat(150), more: true },
    { t: 'paste', text: '', more: false },
  ];
  for (const event of events) assert.equal(parseInput(JSON.stringify(event)), event);
  assert.equal(parseMove('{"t":"move","x":0,"y":0,"n":0}'), { t: 'move', x: 0, y: 0, n: 0 });
  assert.equal(parseControl('{"t":"ping","at":1.5}'), { t: 'ping', at: 1.5 });
  for (const request of [
    { t: 'name', name: 'Béa 漢' },
    { t: 'turn', do: 'ask' },
    { t: 'turn', do: 'release' },
    { t: 'turn', do: 'give', to: 2 },
    { t: 'turn', do: 'refuse', to: 2 },
  ])
    assert.equal(parseControl(JSON.stringify(request)), request);
  assert.equal(parseControl('{"t":"keyframe"}'), { t: 'keyframe' });
  assert.equal(parseControl('{"t":"sound","on":false}'), { t: 'sound', on: false });
  assert.is(parseControl('{"t":"sound","on":1}'), undefined);
});

const WRONG: unknown[] = [
  { t: 'button', button: 4, down: true, x: 0, y: 0 },
  { t: 'button', button: '1', down: true, x: 0, y: 0 },
  { t: 'button', button: 1, down: 1, x: 0, y: 0 },
  { t: 'button', button: 1, down: true, x: -1, y: 0 },
  { t: 'button', button: 1, down: true, x: 0.5, y: 0 },
  { t: 'button', button: 1, down: true, x: 70000, y: 0 },
  { t: 'button', button: 1, down: true, x: 0 },
  { t: 'wheel', dx: 0, dy: 1e9, x: 0, y: 0 },
  { t: 'wheel', dx: 0, dy: 1, y: 0 },
  { t: 'nudge', dx: 4097, dy: 0 },
  { t: 'nudge', dx: 0.5, dy: 0 },
  { t: 'nudge', dx: 1 },
  { t: 'wheel', dx: '0; reboot', dy: 1, x: 0, y: 0 },
  { t: 'key', keysym: 0, down: true },
  { t: 'key', keysym: 'a', down: true },
  { t: 'key', keysym: 0x1008ff2a, down: true }, // XF86PowerOff
  { t: 'key', keysym: 0x02000000, down: true },
  { t: 'key', keysym: 97 },
  { t: 'move', x: 1, y: 1, n: 1 },
  { t: 'paste', text: 'x'.repeat(151), more: false },
  { t: 'paste', text: 7, more: false },
  { t: 'paste', text: 'x' },
  { t: 'exec', command: 'reboot' },
  [],
  null,
  7,
  'text',
];
for (const message of WRONG) {
  test(`${JSON.stringify(message)} fits no shape`, () => {
    assert.is(parseInput(JSON.stringify(message)), undefined);
  });
}

test('a size is two whole numbers of pixels above 0', () => {
  assert.equal(parseControl('{"t":"size","width":1002,"height":701}'), { t: 'size', width: 1002, height: 701 });
  for (const [width, height] of [[0, 1], [1, -1], [1.5, 1], ['1', 1], [1, null], [65_536, 1], [1, 1e9], [1], [NaN, 1]])
    assert.is(parseControl(JSON.stringify({ t: 'size', width, height })), undefined, `${width} ${height}`);
});

test('what is no JSON text, or too long, fits no shape', () => {
  assert.is(parseInput('{'), undefined);
  assert.is(parseInput(Buffer.from('{"t":"release"}')), undefined);
  assert.is(parseInput(`{"t":"release"${' '.repeat(300)}}`), undefined);
  assert.is(parseMove('{"t":"move","x":0,"y":0}'), undefined);
  assert.is(parseControl('{"t":"ping","at":"now"}'), undefined);
  for (const request of [
    { t: 'name', name: ' ' },
    { t: 'name', name: 'x'.repeat(41) },
    { t: 'name', name: 'a\nb' },
    { t: 'name', name: 'a\u202eb' },
    { t: 'turn', do: 'take' },
    { t: 'turn', do: 'give' },
    { t: 'turn', do: 'give', to: -1 },
  ])
    assert.is(parseControl(JSON.stringify(request)), undefined, JSON.stringify(request));
});

test.run();
