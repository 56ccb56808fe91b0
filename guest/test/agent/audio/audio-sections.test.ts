import { assert, suite } from '#test/suite';
import { takeAudio, withRefused } from '../../../src/agent/audio/audio-sections.ts';

const test = suite('audio sections');

const SESSION = 'v=0\r\na=group:BUNDLE 0 1 2\r\n';
const VIDEO = 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=recvonly\r\n';
const AUDIO = 'm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\na=mid:1\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n';
const DATA = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\n';
const REFUSED = 'm=audio 0 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=inactive\r\n';

test('where nobody may listen, what comes to werift has no audio, in no bundle either', () => {
  const { sdp, refused } = takeAudio(SESSION + VIDEO + AUDIO + DATA, false);
  assert.is(sdp, 'v=0\r\na=group:BUNDLE 0 2\r\n' + VIDEO + DATA);
  assert.equal(refused, [{ index: 1, rest: 'UDP/TLS/RTP/SAVPF 111 63', mid: '1' }]);
});

test('what was cut out stands refused in its place of the answer', () => {
  const { sdp, refused } = takeAudio(SESSION + AUDIO.replace('mid:1', 'mid:9') + VIDEO + AUDIO + DATA, false);
  assert.is(withRefused(sdp, refused), 'v=0\r\na=group:BUNDLE 0 2\r\n' + REFUSED.replace('mid:1', 'mid:9') + VIDEO + REFUSED + DATA);
});

test('where one may listen, an offer without audio, or with one section of it, is left as it is', () => {
  for (const sdp of [SESSION + VIDEO + DATA, SESSION + VIDEO + AUDIO + DATA]) assert.equal(takeAudio(sdp, true), { sdp, refused: [] });
});

test('of many one is taken, and none in which the page would not listen', () => {
  const many = SESSION + VIDEO + AUDIO.replace('recvonly', 'sendonly') + AUDIO.replace('audio 9', 'audio 0') + AUDIO + AUDIO;
  const { sdp, refused } = takeAudio(many, true);
  assert.is(sdp.match(/^m=audio/gm)?.length, 1);
  assert.equal(
    refused.map(({ index }) => index),
    [1, 2, 4],
  );
});

test('a section that is no SDP is refused, and not thrown', () => {
  assert.equal(takeAudio('v=0\r\nm=audio\r\nm=audio x', false).refused.length, 2);
  assert.equal(takeAudio('', true), { sdp: '', refused: [] });
});

test.run();
