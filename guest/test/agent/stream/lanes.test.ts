import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import type { EncodedFrame } from '../../../src/agent/stream/broadcast.ts';
import { Lanes } from '../../../src/agent/stream/lanes.ts';
import { DELTA_FRAME, FakeEncoder, KEY_FRAME, SETTINGS } from '../../fakes/fake-encoder.ts';

const test = suite('lanes');

function start() {
  const encoders: FakeEncoder[] = [];
  const create = (events: ConstructorParameters<typeof FakeEncoder>[0]) => {
    encoders.push(new FakeEncoder(events));
    return encoders.at(-1)!;
  };
  const options = { createEncoder: create, createSlowEncoder: create, settings: SETTINGS, onFailure: () => {}, lingerMs: 30, planMs: 20 };
  return { lanes: new Lanes(options), encoders };
}

function createViewer(targetKbps: number) {
  const frames: EncodedFrame[] = [];
  const viewer = {
    frames,
    resets: 0,
    targetKbps,
    queueMs: 7,
    isCongested: false,
    sendFrame: (frame: EncodedFrame) => void frames.push(frame),
  };
  return Object.assign(viewer, { reset: () => void (viewer.resets += 1) });
}

test('links that are about alike share one encoder, set for the slowest', async () => {
  const { lanes, encoders } = start();
  const viewers = [createViewer(4000), createViewer(2400)];
  for (const viewer of viewers) lanes.join(viewer);
  await sleep(150);
  assert.is(encoders.length, 1);
  assert.is(encoders[0]!.settings?.bitrateKbps, 2280);
  lanes.stop();
});

test('a link that carries much less gets an encoder of its own; the others keep theirs', async () => {
  const { lanes, encoders } = start();
  const [fast, slow] = [createViewer(4000), createViewer(500)];
  lanes.join(fast);
  lanes.join(slow);
  await sleep(150);
  const [main, second] = encoders;
  assert.equal([encoders.length, second!.running, second!.keyFrames, slow.resets, fast.resets], [2, true, 1, 1, 0]);
  assert.equal(second!.settings, { bitrateKbps: 475, framerate: 12 });
  assert.equal(main!.settings ?? SETTINGS, SETTINGS);
  main!.events.onFrame(KEY_FRAME);
  second!.events.onFrame(DELTA_FRAME);
  assert.equal([fast.frames.length, slow.frames.length], [1, 1]);
  const wishes = main!.keyFrames;
  lanes.requestKeyFrame(slow);
  assert.is(main!.keyFrames, wishes);
  slow.isCongested = true;
  lanes.updateFlow(slow);
  assert.equal([main!.isHeld, second!.isHeld], [false, true]);
  const quality = lanes.takeQuality(1000)!;
  assert.equal([quality.keyFrames, quality.linkKbps, quality.queueMs], [1, 500, 7]);
  const rateOf = lanes.takeRates(1000);
  assert.equal([rateOf(fast).fps, rateOf(slow).fps], [1, 1]);
  lanes.stop();
});

test('when the fast ones have gone, the slow one is in the main lane again, and its encoder rests', async () => {
  const { lanes, encoders } = start();
  const [fast, slow] = [createViewer(4000), createViewer(500)];
  lanes.join(fast);
  lanes.join(slow);
  await sleep(60);
  lanes.leave(fast);
  // A viewer is not moved to and fro.
  await sleep(5300);
  assert.equal([encoders[0]!.running, encoders[1]!.running, slow.resets], [true, false, 2]);
  assert.is(encoders[0]!.settings?.bitrateKbps, 475);
  lanes.leave(slow);
  await sleep(60);
  assert.is(encoders[0]!.running, false);
});

test.run();
