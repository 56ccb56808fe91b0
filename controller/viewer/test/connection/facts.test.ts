import { assert, suite } from '#test/suite';
import { toFacts } from '../../src/connection/facts.ts';
import { toViewerStats } from '../../src/stats.ts';
import { NO_STATS } from '../../src/transport/link-stats.ts';

const test = suite('facts of a connection');

const STATS = toViewerStats({
  state: 'live',
  transport: 'webrtc',
  mode: 'auto',
  status: 'vm_created',
  isAway: false,
  desktop: { width: 1280, height: 720 },
  video: { width: 1280, height: 720 },
  fps: 30,
  link: { ...NO_STATS, kbps: 2100, codec: 'VP8', route: 'relay' },
  roundTripMs: 3.21,
  answerMs: 47,
  tries: 1,
  restarts: 0,
  pictures: 1,
  loss: undefined,
  encoder: { t: 'stats', fps: 30, kbps: 2000, encoder: 'oriel-capture', dropped: 0, encodeMs: 4.2, linkKbps: 3000, queueMs: 12 },
});

test('all that is known is said, with its unit', () => {
  const quality = { path: 'webrtc', fps: 29.6, decodeMs: 2.31, rttMs: 3.2, lossPercent: 0.25, jitterMs: 4, answerMs: 47.4 } as const;
  assert.equal(toFacts(STATS, quality), [
    ['Way', 'WebRTC, VP8, relayed'],
    ['Desktop', '1280 × 720'],
    ['Click to picture', '47 ms'],
    ['Round trip', '3.2 ms'],
    ['Pictures', '30 fps'],
    ['Bit rate', '2.1 Mbit/s'],
    ['Decoding a picture', '2.3 ms'],
    ['Jitter', '4.0 ms'],
    ['Lost packets', '0.3 %'],
    ['Link carries', '3.0 Mbit/s'],
    ['Waits on the way', '12 ms'],
    ['Encoder', 'oriel-capture, 30 fps, 2.0 Mbit/s'],
    ['Encoding a picture', '4.2 ms'],
  ]);
});

test('what is not known is left out', () => {
  const names = toFacts({ ...STATS, encoder: undefined, route: 'host' }, { path: 'webrtc', fps: 0 }).map(([name]) => name);
  assert.equal(names, ['Way', 'Desktop', 'Pictures', 'Bit rate']);
  assert.equal(toFacts({ ...STATS, transport: 'vnc' }, { path: 'vnc' }), [
    ['Way', 'VNC'],
    ['Desktop', '1280 × 720'],
  ]);
  assert.equal(toFacts({ ...STATS, transport: undefined }, undefined), [['Way', 'Not connected']]);
});

test.run();
