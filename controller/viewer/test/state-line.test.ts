import { assert, suite } from '#test/suite';
import { toStateLine } from '../src/state-line.ts';
import { toViewerState, toViewerStats, type ViewerStats } from '../src/stats.ts';
import { NO_STATS } from '../src/transport/link-stats.ts';

const test = suite('state line');

const STATS: ViewerStats = toViewerStats({
  state: 'live',
  transport: 'webrtc',
  mode: 'auto',
  status: 'vm_created',
  isAway: false,
  desktop: { width: 1280, height: 720 },
  video: { width: 1280, height: 720 },
  fps: 30,
  link: { ...NO_STATS, kbps: 2140 },
  roundTripMs: 3.21,
  answerMs: undefined,
  tries: 0,
  pictures: 1,
  restarts: 0,
  loss: undefined,
  encoder: undefined,
});

test('WebRTC tells all', () => assert.is(toStateLine(STATS), 'WebRTC · 1280 × 720 · 30 fps · 2.1 Mbit/s · 3.2 ms'));

test('a controller that is away is told of behind the rest', () =>
  assert.match(toStateLine({ ...STATS, isAway: true }), /^WebRTC · .* ms · The server is away; the desktop goes on$/));

test('what is not known is left out', () => {
  assert.is(toStateLine({ ...STATS, width: 0, height: 0, kbps: 12, fps: 0, roundTripMs: undefined }), 'WebRTC · 0 fps · 12 kbit/s');
  assert.is(toStateLine({ ...STATS, transport: 'vnc' }), 'VNC · 1280 × 720');
  assert.is(toStateLine({ ...STATS, transport: undefined }), 'Not connected');
});

test('the session’s end comes before all that the connection does', () => {
  const known = { isRefused: false, status: 'vm_created' as const, shown: undefined, pictures: 0, connectingAt: undefined };
  assert.is(toViewerState(known), 'waiting');
  assert.is(toViewerState({ ...known, connectingAt: 1 }), 'connecting');
  assert.is(toViewerState({ ...known, connectingAt: 1, pictures: 1, shown: 'webrtc' }), 'live');
  assert.is(toViewerState({ ...known, connectingAt: 1, pictures: 1 }), 'reconnecting');
  assert.is(toViewerState({ ...known, shown: 'webrtc', status: 'failed' }), 'failed');
  assert.is(toViewerState({ ...known, shown: 'webrtc', status: 'expired' }), 'ended');
  assert.is(toViewerState({ ...known, isRefused: true, status: 'failed' }), 'refused');
});

test.run();
