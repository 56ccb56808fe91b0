import { Ajv } from 'ajv';
import { ViewerQuality } from '#contract/quality';
import { assert, suite } from '#test/suite';
import { qualityReader, toQuality, type Seen } from '../src/quality.ts';
import { NO_STATS } from '../src/transport/link-stats.ts';

const test = suite('quality');

const seen = (more: Partial<Seen>): Seen => ({ ...NO_STATS, transport: 'webrtc', roundTripMs: undefined, ...more });
const isQuality = new Ajv().compile(ViewerQuality);

test('it is of the time since the look before', () => {
  const before = seen({ framesDecoded: 100, packetsReceived: 1000, packetsLost: 1, decodeSeconds: 1, framesDropped: 4 });
  const now = seen({
    framesDecoded: 400,
    packetsReceived: 1090,
    packetsLost: 11,
    decodeSeconds: 2.2,
    framesDropped: 5,
    roundTripMs: 12.345,
    jitterMs: 2,
    answerMs: 48.5,
  });
  const quality = toQuality(now, before, 10_000)!;
  assert.equal(quality, {
    path: 'webrtc',
    fps: 30,
    framesDropped: 1,
    decodeMs: 4,
    rttMs: 12.35,
    answerMs: 48.5,
    lossPercent: 10,
    jitterMs: 2,
  });
  assert.ok(isQuality(quality));
});

test('counters that went back are a new connection’s: they count from nothing', () => {
  const quality = toQuality(seen({ framesDecoded: 30, packetsReceived: 10 }), seen({ framesDecoded: 900, packetsReceived: 999 }), 1000)!;
  assert.equal([quality.fps, quality.lossPercent], [30, 0]);
});

test('no picture, no word; noVNC says only that it is noVNC; a still desktop has no time to decode', () => {
  assert.is(toQuality(seen({ transport: undefined }), undefined, 1000), undefined);
  assert.equal(toQuality(seen({ transport: 'vnc' }), undefined, 1000), { path: 'vnc' });
  assert.equal(toQuality(seen({}), seen({}), 1000), { path: 'webrtc', fps: 0, framesDropped: 0 });
});

test('whatever a browser says, the controller takes it', () => {
  for (const wild of [
    { framesDecoded: 1e9 },
    { packetsLost: -5, packetsReceived: 1 },
    { decodeSeconds: 1e9, framesDecoded: 1, framesDropped: 1e12, roundTripMs: -7 },
  ])
    assert.ok(isQuality(toQuality(seen(wild), undefined, 0)), JSON.stringify(wild));
});

test('each call is since the one before', () => {
  let clock = 0;
  let frames = 0;
  const read = qualityReader(
    () => seen({ framesDecoded: frames }),
    () => clock,
  );
  [clock, frames] = [1000, 30];
  assert.is(read()!.fps, 30);
  [clock, frames] = [3000, 30];
  assert.is(read()!.fps, 0);
});

test.run();
