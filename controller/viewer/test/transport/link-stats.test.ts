import { assert, suite } from '#test/suite';
import { NO_STATS, toLinkStats } from '../../src/transport/link-stats.ts';

const test = suite('link stats');

const REPORT = [
  { id: 'T1', type: 'transport', selectedCandidatePairId: 'P1' },
  { id: 'P1', type: 'candidate-pair', localCandidateId: 'L1' },
  { id: 'L1', type: 'local-candidate', candidateType: 'relay' },
  { id: 'C1', type: 'codec', mimeType: 'video/VP8' },
  { id: 'I0', type: 'inbound-rtp', kind: 'audio', bytesReceived: 1 },
  {
    id: 'I1',
    type: 'inbound-rtp',
    kind: 'video',
    codecId: 'C1',
    bytesReceived: 250_000,
    framesDecoded: 30,
    framesDropped: 1,
    totalDecodeTime: 0.06,
    packetsLost: 2,
    packetsReceived: 398,
    jitter: 0.004,
  },
];

test('the rate is over the time since the last look', () => {
  const before = { ...NO_STATS, bytesReceived: 125_000 };
  assert.equal(toLinkStats(REPORT, before, 1000), {
    framesDecoded: 30,
    framesDropped: 1,
    decodeSeconds: 0.06,
    packetsLost: 2,
    packetsReceived: 398,
    bytesReceived: 250_000,
    jitterMs: 4,
    kbps: 1000,
    codec: 'VP8',
    route: 'relay',
  });
});

test('an empty report is zeros', () => assert.equal(toLinkStats([], NO_STATS, 0), NO_STATS));

test.run();
