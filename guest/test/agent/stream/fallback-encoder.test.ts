import { assert, suite } from '#test/suite';
import type { Encoder, EncoderEvents } from '../../../src/agent/stream/encoder.ts';
import { FallbackEncoder } from '../../../src/agent/stream/fallback-encoder.ts';

const test = suite('fallback encoder');

class FakeEncoder implements Encoder {
  readonly name: string;
  readonly calls: string[] = [];
  readonly events: EncoderEvents;

  constructor(name: string, events: EncoderEvents) {
    this.name = name;
    this.events = events;
  }

  start = () => void this.calls.push('start');
  stop = () => void this.calls.push('stop');
  forceKeyFrame = () => void this.calls.push('key');
  resized = () => void this.calls.push('resized');
  change = () => void this.calls.push('change');
  hold = () => void this.calls.push('hold');
}

function setUp() {
  const encoders: FakeEncoder[] = [];
  const told: string[] = [];
  const create = (name: string) => (events: EncoderEvents) => {
    encoders.push(new FakeEncoder(name, events));
    return encoders.at(-1)!;
  };
  const events = { onFrame: (frame: Buffer) => void told.push(`frame ${frame}`), onFailure: () => void told.push('failure') };
  const encoder = new FallbackEncoder(create('a'), create('b'), events, (from, to) => void told.push(`${from} to ${to}`));
  return { encoder, first: encoders[0]!, second: encoders[1]!, told };
}

test('the one that is in use is told of the screen’s size', () => {
  const { encoder, first, second } = setUp();
  encoder.start();
  encoder.resized();
  first.events.onFailure();
  encoder.resized();
  assert.equal(
    [first.calls, second.calls],
    [
      ['start', 'resized'],
      ['start', 'resized'],
    ],
  );
});

test('an encoder that fails before its first frame is given up for the other', () => {
  const { encoder, first, second, told } = setUp();
  encoder.start();
  first.events.onFailure();
  assert.equal(second.calls, ['start']);
  assert.is(encoder.name, 'b');
  second.events.onFrame(Buffer.from('x'));
  assert.equal(told, ['a to b', 'frame x']);
});

test('one that has given frames stays: its failure is told, and it is started again', () => {
  const { encoder, first, second, told } = setUp();
  encoder.start();
  first.events.onFrame(Buffer.from('x'));
  first.events.onFailure();
  encoder.start();
  assert.equal(told, ['frame x', 'failure']);
  assert.equal(first.calls, ['start', 'start']);
  assert.equal(second.calls, []);
});

test('both are told of new settings', () => {
  const { encoder, first, second } = setUp();
  encoder.change({ bitrateKbps: 1, framerate: 1 });
  assert.equal([first.calls, second.calls], [['change'], ['change']]);
});

test.run();
