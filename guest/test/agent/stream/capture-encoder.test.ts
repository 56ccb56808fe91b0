import { assert, suite } from '#test/suite';
import type { CaptureOptions } from '../../../src/agent/stream/capture/capture.ts';
import type { CaptureEnd } from '../../../src/agent/stream/capture/end.ts';
import { CaptureEncoder } from '../../../src/agent/stream/capture-encoder.ts';

const test = suite('capture encoder');
const turn = () => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const said: string[] = [];
  const told: string[] = [];
  const runs: { options: CaptureOptions; end(end: CaptureEnd): void }[] = [];
  const start = (options: CaptureOptions) => {
    const { promise, resolve } = Promise.withResolvers<CaptureEnd>();
    runs.push({ options, end: resolve });
    const say = (text: string) => void said.push(text);
    return Promise.resolve({
      ended: promise,
      start: () => say('start'),
      stop: () => say('stop'),
      requestKeyFrame: () => say('key'),
      setBitrate: (kbps: number) => say(`bitrate ${kbps}`),
      setFramerate: (fps: number) => say(`fps ${fps}`),
      hold: (isHeld: boolean) => say(isHeld ? 'hold' : 'go'),
    });
  };
  const common = {
    program: 'oriel-capture',
    env: {},
    bitrateKbps: 4000,
    framerate: 60,
    onCursor: () => {},
    onDisplay: () => {},
    onCopied: () => {},
  };
  const encoder = new CaptureEncoder(
    { ...common, start, onProblem: (message) => told.push(message) },
    { onFrame: (data) => told.push(`frame ${data}`), onFailure: () => told.push('failure') },
  );
  const frame = (text: string) =>
    runs.at(-1)!.options.onFrame({ data: Buffer.from(text), key: true, followUp: false, at: 0, workMs: 0, number: 1, width: 1, height: 1 });
  return { encoder, said, told, runs, frame };
}

test('one program serves many starts', async () => {
  const { encoder, said, runs } = setUp();
  encoder.start();
  encoder.start();
  await turn();
  encoder.stop();
  encoder.start();
  assert.is(runs.length, 1);
  assert.equal(said, ['start', 'stop', 'start']);
});

test('no frame comes after a stop', async () => {
  const { encoder, told, frame } = setUp();
  encoder.start();
  await turn();
  frame('a');
  encoder.stop();
  frame('b');
  assert.equal(told, ['frame a']);
});

test('a program that ends by itself is a failure, and the next start makes a new one with the last settings', async () => {
  const { encoder, told, runs } = setUp();
  encoder.start();
  await turn();
  encoder.change({ bitrateKbps: 900, framerate: 20 });
  runs[0]!.end({ reason: 'display-gone', message: 'X has gone' });
  await turn();
  assert.equal(told, ['display-gone: X has gone', 'failure']);
  encoder.start();
  await turn();
  assert.equal([runs[1]!.options.bitrateKbps, runs[1]!.options.framerate], [900, 20]);
});

test('a program that comes up during a hold is held', async () => {
  const { encoder, said } = setUp();
  encoder.start();
  encoder.hold(true);
  await turn();
  encoder.hold(false);
  assert.equal(said, ['hold', 'start', 'go']);
});

test.run();
