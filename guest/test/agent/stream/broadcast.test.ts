import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { Broadcast, type EncodedFrame } from '../../../src/agent/stream/broadcast.ts';
import { DELTA_FRAME, FakeEncoder, KEY_FRAME, SETTINGS } from '../../fakes/fake-encoder.ts';

const test = suite('broadcast');

function start() {
  let encoder!: FakeEncoder;
  const told = { failures: 0, firstFrames: 0 };
  const broadcast = new Broadcast({
    settings: SETTINGS,
    createEncoder: (events) => (encoder = new FakeEncoder(events)),
    onFailure: () => (told.failures += 1),
    onFirstFrame: () => (told.firstFrames += 1),
    lingerMs: 30,
    retryMs: 20,
  });
  return { broadcast, encoder, told };
}

function createViewer() {
  const frames: EncodedFrame[] = [];
  return {
    frames,
    targetKbps: 4000,
    queueMs: 0,
    isCongested: false,
    reset: () => {},
    sendFrame: (frame: EncodedFrame) => void frames.push(frame),
  };
}

test('the encoder runs while somebody watches, and a little longer', async () => {
  const { broadcast, encoder } = start();
  assert.is(encoder.running, false);
  const viewer = createViewer();
  broadcast.join(viewer);
  assert.is(encoder.running, true);
  broadcast.leave(viewer);
  assert.is(encoder.running, true);
  await sleep(60);
  assert.is(encoder.running, false);
});

test('a page that reloads finds the encoder running', async () => {
  const { broadcast, encoder } = start();
  const viewer = createViewer();
  broadcast.join(viewer);
  broadcast.leave(viewer);
  broadcast.join(createViewer());
  await sleep(60);
  assert.is(encoder.running, true);
  assert.is(encoder.starts, 1);
  broadcast.stop();
});

test('an encoder that was prepared for a viewer that never came stops', async () => {
  const { broadcast, encoder } = start();
  broadcast.prepare();
  assert.is(encoder.running, true);
  await sleep(60);
  assert.is(encoder.running, false);
});

test('all viewers get each frame', () => {
  const { broadcast, encoder, told } = start();
  const viewers = [createViewer(), createViewer()];
  for (const viewer of viewers) broadcast.join(viewer);
  encoder.events.onFrame(KEY_FRAME);
  encoder.events.onFrame(DELTA_FRAME);
  for (const { frames } of viewers)
    assert.equal(
      frames.map(({ isKey }) => isKey),
      [true, false],
    );
  assert.is(viewers[0]!.frames[0], viewers[1]!.frames[0]);
  assert.is(told.firstFrames, 1);
  broadcast.stop();
});

test('a new viewer brings a key frame at once; wishes in the next half second bring one more', async () => {
  const { broadcast, encoder } = start();
  broadcast.join(createViewer());
  assert.is(encoder.keyFrames, 1);
  for (let wish = 0; wish < 100; wish++) broadcast.requestKeyFrame();
  assert.is(encoder.keyFrames, 1);
  await sleep(600);
  assert.is(encoder.keyFrames, 2);
  broadcast.stop();
});

test('an encoder that fails is tried again while somebody watches', async () => {
  const { broadcast, encoder, told } = start();
  const viewer = createViewer();
  broadcast.join(viewer);
  encoder.fail();
  assert.is(told.failures, 1);
  await sleep(50);
  assert.is(encoder.starts, 2);
  broadcast.leave(viewer);
  encoder.fail();
  await sleep(50);
  assert.is(encoder.starts, 2);
});

test('the rate is what was encoded since it was asked last', () => {
  const { broadcast, encoder } = start();
  for (let frame = 0; frame < 30; frame++) encoder.events.onFrame(Buffer.alloc(1000));
  assert.equal(broadcast.takeRate(1000), { fps: 30, kbps: 240 });
  assert.equal(broadcast.takeRate(1000), { fps: 0, kbps: 0 });
  for (const workMs of [2, 4]) encoder.events.onFrame(DELTA_FRAME, workMs);
  assert.is(broadcast.takeRate(1000).encodeMs, 3);
});

test('what was encoded is told once, while somebody watches', () => {
  const { broadcast, encoder } = start();
  assert.is(broadcast.takeQuality(1000), undefined);
  broadcast.join(createViewer());
  encoder.events.onFrame(KEY_FRAME);
  for (let count = 0; count < 29; count++) encoder.events.onFrame(DELTA_FRAME);
  const bytes = KEY_FRAME.length + 29 * DELTA_FRAME.length;
  assert.equal(broadcast.takeQuality(1000), {
    encoder: encoder.name,
    fps: 30,
    kbps: Math.round((bytes * 8) / 1000),
    keyFrames: 1,
  });
  // What viewers are told each second is counted apart.
  assert.is(broadcast.takeRate(1000).fps, 30);
  assert.equal([broadcast.takeQuality(1000)?.fps, broadcast.takeQuality(1000)?.keyFrames], [0, 0]);
  broadcast.stop();
});

test('the encoder follows the slowest link, and never above what is set', async () => {
  const { broadcast, encoder } = start();
  const [slow, fast] = [createViewer(), createViewer()];
  slow.targetKbps = 1000;
  broadcast.join(slow);
  broadcast.join(fast);
  await sleep(150);
  assert.equal(encoder.settings, { bitrateKbps: 950, framerate: 20 });
  slow.targetKbps = 9000;
  await sleep(150);
  assert.equal(encoder.settings, SETTINGS);
  broadcast.stop();
});

test('no frame is made while every viewer is congested', () => {
  const { broadcast, encoder } = start();
  const viewers = [createViewer(), createViewer()];
  for (const viewer of viewers) broadcast.join(viewer);
  const flow = (...congested: boolean[]) => {
    congested.forEach((isCongested, index) => (viewers[index]!.isCongested = isCongested));
    broadcast.updateFlow();
    return encoder.isHeld;
  };
  assert.equal([flow(true, false), flow(true, true), flow(false, true)], [false, true, false]);
  flow(true, true);
  broadcast.leave(viewers[0]!);
  broadcast.leave(viewers[1]!);
  assert.is(encoder.isHeld, false);
  broadcast.stop();
});

test.run();
