import { assert, suite } from '#test/suite';
import type { ViewerClient } from '../../../client/index.ts';
import { isSameSender, restartIce } from '../../src/transport/ice-restart.ts';

const test = suite('ICE restart');

const toSdp = (...lines: string[]) => ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', ...lines, ''].join('\r\n');

test('an answer with the same stream is of the same connection; with another, or none, it is not', () => {
  const before = toSdp('a=ice-ufrag:aaaa', 'a=ssrc:1234 cname:x');
  assert.is(isSameSender(toSdp('a=ice-ufrag:bbbb', 'a=ssrc:1234 cname:x'), before), true);
  assert.is(isSameSender(toSdp('a=ice-ufrag:bbbb', 'a=ssrc:12345 cname:x'), before), false);
  assert.is(isSameSender(toSdp(), toSdp()), false);
});

test('it asks for servers again before it gathers: a TURN credential lasts shorter than a connection', async () => {
  const done: string[] = [];
  const sdp = toSdp('a=ssrc:1234 cname:x');
  const fresh = [{ urls: ['turn:turn.example.org'], username: '2:p-ann', credential: 'new' }];
  const connection = {
    getConfiguration: () => ({
      bundlePolicy: 'max-bundle',
      iceServers: [{ urls: ['turn:turn.example.org'], username: '1:p-ann', credential: 'old' }],
    }),
    setConfiguration: (given: object) => done.push(JSON.stringify(given)),
    restartIce: () => done.push('restart'),
    getTransceivers: () => [],
    setLocalDescription: async () => done.push('gather'),
    setRemoteDescription: async () => done.push('answered'),
    localDescription: { sdp },
    remoteDescription: { sdp },
  };
  const client = {
    iceServers: async () => ({ iceServers: fresh }),
    sendOffer: async () => done.push('offer'),
    waitForAnswer: async () => ({ answer: { type: 'answer', sdp } }),
  };
  const { signal } = new AbortController();
  const given = { client: client as unknown as ViewerClient, sessionId: 's-a', page: 'p', signal, life: signal };
  assert.is(await restartIce(connection as unknown as RTCPeerConnection, given), true);
  assert.equal(done, [JSON.stringify({ bundlePolicy: 'max-bundle', iceServers: fresh }), 'restart', 'gather', 'offer', 'answered']);
});

test.run();
