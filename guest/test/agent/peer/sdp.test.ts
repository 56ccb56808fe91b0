import { assert, suite } from '#test/suite';
import { toExtensionId, toOrigin, withoutCandidates, withSessionIceLite, withShortMessages } from '../../../src/agent/peer/sdp.ts';

const test = suite('sdp');

const SDP = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=candidate:1 1 udp 2122260223 0a1b.local 50000 typ host',
  'a=end-of-candidates',
  'a=ice-ufrag:abcd',
  'a=ice-lite',
  'a=extmap:4 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  'a=extmap:12 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-lite',
  '',
].join('\r\n');

test('the origin names the browser’s connection', () => {
  assert.is(toOrigin(SDP), '4611731400430051336');
  assert.is(toOrigin('v=0\r\n'), undefined);
});

test('candidates go, all else stays', () => {
  const lines = withoutCandidates(SDP).split('\r\n');
  assert.is(lines.length, SDP.split('\r\n').length - 2);
  assert.not.match(lines.join('\n'), 'candidate');
});

test('ice-lite is said once, of the session', () => {
  const sdp = withSessionIceLite(SDP);
  assert.equal(sdp.split('\r\n').slice(3, 6), ['t=0 0', 'a=ice-lite', 'a=group:BUNDLE 0 1']);
  assert.is(sdp.match(/a=ice-lite/g)!.length, 1);
});

test('messages are to fit into one chunk', () => {
  assert.is(withShortMessages('a=sctp-port:5000\r\na=max-message-size:65536\r\n'), 'a=sctp-port:5000\r\na=max-message-size:1024\r\n');
});

test('an extension’s id is found by its whole name', () => {
  assert.is(toExtensionId(SDP, 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'), 12);
  assert.is(toExtensionId(SDP, 'http://www.webrtc.org/experiments/rtp-hdrext/playout'), undefined);
});

test.run();
