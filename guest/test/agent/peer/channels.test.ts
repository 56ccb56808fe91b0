import type { ControlRequest, InputEvent, PointerMove } from '#contract/input';
import { CLIPBOARD_POLICIES, type ClipboardPolicy } from '#contract/clipboard-policy';
import type { ViewerRole } from '#contract/viewer-role';
import { assert, suite } from '#test/suite';
import { Channels } from '../../../src/agent/peer/channels.ts';
import { FakeChannel } from '../../fakes/fake-channel.ts';

const test = suite('channels');

function start(label: string, role: ViewerRole = 'control', clipboard?: ClipboardPolicy, isTurn = () => true) {
  const got = { moves: [] as PointerMove[], inputs: [] as InputEvent[], closes: 0, opens: 0, sizes: 0 };
  const events = {
    onMove: (move: PointerMove) => got.moves.push(move),
    onInput: (event: InputEvent) => got.inputs.push(event),
    onControl: ({ t }: ControlRequest) => {
      if (t === 'ping') channels.tell({ t: 'pong', at: 1 });
      if (t === 'size') got.sizes += 1;
      return t !== 'turn';
    },
    isTurn,
    onOpen: () => (got.opens += 1),
    onClose: () => (got.closes += 1),
  };
  const channels: Channels = new Channels(events, role, clipboard);
  const channel = new FakeChannel(label);
  channels.attach(channel.asChannel);
  return { channels, channel, got };
}

test('moves that were overtaken are dropped', () => {
  const { channels, channel, got } = start('move');
  for (const n of [1, 3, 2, 3, 4]) channel.say({ t: 'move', x: n, y: 0, n });
  assert.equal(
    got.moves.map(({ n }) => n),
    [1, 3, 4],
  );
  assert.is(channels.dropped, 2);
});

test('what is sent out of turn is dropped and counted; what is asked has to have a meaning', () => {
  let isTurn = false;
  const key = { t: 'key', keysym: 97, down: true };
  const out = start('input', 'control', 'both', () => isTurn);
  for (const message of [key, { t: 'release' }, { t: 'paste', text: 'x', more: false }]) out.channel.say(message);
  assert.equal([out.got.inputs, out.channels.dropped], [[], 3]);
  isTurn = true;
  out.channel.say(key);
  assert.equal([out.got.inputs.length, out.channels.dropped], [1, 3]);
  isTurn = false;
  const moved = start('move', 'control', 'both', () => isTurn);
  moved.channel.say({ t: 'move', x: 1, y: 1, n: 1 });
  const asked = start('control', 'control', 'both', () => isTurn);
  for (const message of [
    { t: 'size', width: 800, height: 600 },
    { t: 'turn', do: 'ask' },
    { t: 'ping', at: 1 },
  ])
    asked.channel.say(message);
  assert.equal([moved.got.moves, moved.channels.dropped, asked.got.sizes, asked.channels.dropped], [[], 1, 0, 2]);
});

test('messages that fit no shape are dropped and counted', () => {
  const { channels, channel, got } = start('input');
  for (const message of ['{', '[]', '{"t":"exec"}', { t: 'key', keysym: 97, down: true }]) channel.say(message);
  assert.equal(got.inputs, [{ t: 'key', keysym: 97, down: true }]);
  assert.is(channels.dropped, 3);
});

test('the viewer can be told of things once its control channel is there', () => {
  const { channel, got } = start('control');
  assert.is(got.opens, 1);
  channel.say({ t: 'ping', at: 1 });
  assert.equal(channel.sent, ['{"t":"pong","at":1}']);
  channel.change('closed');
  channel.say({ t: 'ping', at: 1 });
  assert.is(channel.sent.length, 1);
});

test('the input channel’s end is the viewer’s', () => {
  const { channel, got } = start('input');
  channel.change('closed');
  assert.is(got.closes, 1);
});

for (const [label, message] of [
  ['move', { t: 'move', x: 1, y: 1, n: 1 }],
  ['input', { t: 'key', keysym: 97, down: true }],
] as const) {
  test(`what one who may only look sends by ${label} is dropped and counted; of one who may touch it comes through`, () => {
    const seen = (['view', 'control', 'root' as ViewerRole] as const).map((role) => {
      const { channels, channel, got } = start(label, role);
      channel.say(message);
      return [channel.closed, got.moves.length + got.inputs.length, channels.dropped];
    });
    assert.equal(seen, [
      [false, 0, 1],
      [false, 1, 0],
      [false, 0, 1],
    ]);
  });
}

test('one who may only look can ask whether the guest is there', () => {
  const { channel } = start('control', 'view');
  channel.say({ t: 'ping', at: 1 });
  assert.equal(channel.sent, ['{"t":"pong","at":1}']);
});

test('one who may only look cannot choose the size; one who may touch can', () => {
  const seen = (['view', 'control', 'root' as ViewerRole] as const).map((role) => {
    const { channels, channel, got } = start('control', role);
    channel.say({ t: 'size', width: 800, height: 600 });
    return [got.sizes, channels.dropped];
  });
  assert.equal(seen, [
    [0, 1],
    [1, 0],
    [0, 1],
  ]);
});

test('a channel of another name is closed', () => {
  assert.is(start('files').channel.closed, true);
});

const PASTE = { t: 'paste', text: 'x', more: false };
const COPIED = { t: 'copied', kind: 'text', data: 'x', first: true, more: false } as const;

for (const policy of CLIPBOARD_POLICIES) {
  const [isIn, isOut] = [['both', 'in'].includes(policy), ['both', 'out'].includes(policy)];
  test(`clipboard policy ${policy}: what is pasted is ${isIn ? 'taken' : 'dropped'}, what was copied is ${isOut ? 'told' : 'kept'}`, () => {
    const { channel, channels, got } = start('input', 'control', policy);
    channel.say(PASTE);
    assert.equal([got.inputs.length, channels.dropped], isIn ? [1, 0] : [0, 1]);
    const control = start('control', 'control', policy);
    control.channels.tell(COPIED);
    assert.is(control.channel.sent.length, isOut ? 1 : 0);
  });
}

test('one who may only look has no clipboard, whatever the policy', () => {
  const { channel, channels } = start('control', 'view', 'both');
  channels.tell(COPIED);
  assert.equal([channel.sent.length, channels.clipboard], [0, 'off']);
});

test('without a policy, from a controller that knows none, both ways are open', () => {
  assert.is(start('control').channels.clipboard, 'both');
});

test.run();
