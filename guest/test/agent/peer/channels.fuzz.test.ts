import type { ControlRequest, InputEvent, PointerMove } from '#contract/input';
import { fc, fuzz } from '#test/fuzz';
import { JUNK } from '#test/fuzz-values';
import { MALFORMED } from '#test/malformed-events';
import { assert, suite } from '#test/suite';
import { Injector } from '../../../src/agent/input/injector.ts';
import { Channels } from '../../../src/agent/peer/channels.ts';
import { FakeChannel } from '../../fakes/fake-channel.ts';
import { FakeX } from '../../fakes/fake-x.ts';

const test = suite('fuzzed channels', { timeoutMs: 300_000 });

/** All that may ever be said to xdotool. */
const WORDS = /^(mousemove \d+ \d+|mouse(down|up) [1-9]|key(down|up) --delay 0 \d{2,3})$/;

const ODD = [-1, 0.5, 65_536, 70_000, 2 ** 53];
const place = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 2_000 }) }, { weight: 1, arbitrary: fc.constantFrom(...ODD) });
/** Letters, Shift, Return, what a US keyboard lacks, and none. */
const keysym = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.constantFrom(0xffe1, 0xff0d, 0x010020ac, 0x0101f4a9, ...ODD));
const toEvent = (label: string, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields).map((event) => ({ label, event: event as Record<string, unknown> }));
const events = fc.oneof(
  toEvent('move', { t: fc.constant('move'), x: place, y: place, n: fc.nat(1_000) }),
  toEvent('input', { t: fc.constant('button'), button: fc.constantFrom(1, 2, 3, 4, 8, 9), down: fc.boolean(), x: place, y: place }),
  toEvent('input', { t: fc.constant('wheel'), dx: fc.integer({ min: -25, max: 25 }), dy: fc.nat(3), x: place, y: place }),
  toEvent('input', { t: fc.constant('key'), keysym, down: fc.boolean() }),
  toEvent('control', { t: fc.constantFrom('keyframe', 'ping'), at: place }),
  toEvent('control', { t: fc.constant('size'), width: place, height: place }),
);
const spoiled = fc
  .tuple(
    events,
    fc.constantFrom('t', 'x', 'y', 'n', 'button', 'keysym', 'down', 'dx', 'at', 'width', '__proto__'),
    fc.constantFrom(...JUNK),
  )
  .map(([{ label, event }, field, junk]) => ({ label, data: JSON.stringify({ ...event, [field]: junk }) }));
const others = fc.record({
  label: fc.constantFrom('move', 'input', 'control'),
  data: fc.oneof(
    fc.constantFrom(...MALFORMED),
    events.map(({ event }) => JSON.stringify(event)),
    fc.string(),
    fc.json(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  ),
});
const messages = fc.oneof(
  { weight: 6, arbitrary: events.map(({ label, event }) => ({ label, data: JSON.stringify(event) as string | Buffer })) },
  { weight: 2, arbitrary: spoiled },
  { weight: 2, arbitrary: others },
);

/** A viewer's channels, tied to the injector as the agent ties them. */
function start() {
  const x = new FakeX();
  const injector = new Injector({ display: x, sleep: async () => {} });
  let handled = 0;
  const events = {
    onMove: (move: PointerMove) => ((handled += 1), injector.move(move)),
    onInput: (event: InputEvent) => ((handled += 1), injector.handle('p1', event)),
    isTurn: () => true,
    onControl({ t, ...rest }: ControlRequest) {
      handled += 1;
      if (t === 'ping') channels.tell({ t: 'pong', ...(rest as { at: number }) });
      return true;
    },
    onOpen: () => {},
    onClose: () => injector.handle('p1', { t: 'release' }),
  };
  const channels: Channels = new Channels(events, 'control');
  const byLabel = Object.fromEntries(['move', 'input', 'control'].map((label) => [label, new FakeChannel(label)]));
  for (const channel of Object.values(byLabel)) channels.attach(channel.asChannel);
  return { x, injector, channels, byLabel, handled: () => handled };
}

test('a message is an event or is counted as none; xdotool hears checked numbers only, and nothing stays held', async () => {
  let total = 0;
  let good = 0;
  await fuzz(fc.array(messages, { minLength: 1, maxLength: 60 }), 400, async (all) => {
    const { x, injector, channels, byLabel, handled } = start();
    for (const { label, data } of all) byLabel[label]!.say(data);
    assert.is(channels.dropped + handled(), all.length);
    byLabel.input!.change('closed');
    injector.handle('p2', { t: 'key', keysym: 0x61, down: true });
    while (x.presses.at(-1)?.keysym !== 0x61 || x.down.size > 1) await new Promise(setImmediate);
    const words = x.lines.flatMap((line) => line.split(/ (?=mouse|key)/));
    for (const word of words) assert.match(word, WORDS);
    for (const [, left, top] of words.join('\n').matchAll(/mousemove (\d+) (\d+)/g)) assert.ok(Number(left) < 1280 && Number(top) < 720);
    assert.equal(x.presses.at(-1), { keysym: 0x61, modifiers: [] }, 'another viewer types as if nothing had been');
    total += all.length;
    good += handled();
  });
  assert.ok(total >= 2_000 && good > total / 3 && good < total * 0.9, `${good} of ${total} messages were good`);
});

test.run();
