import { assert, suite } from '#test/suite';
import type { ViewerClient } from '../../../client/index.ts';
import { offerAgain } from '../../src/transport/sound.ts';

const test = suite('sound of a connection that stands');

function start(ssrc: string) {
  const done: string[] = [];
  const toSdp = (one: string) => ['v=0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', `a=ssrc:${one} cname:x`, ''].join('\r\n');
  const connection = {
    getTransceivers: () => [],
    setLocalDescription: async () => done.push('gather'),
    setRemoteDescription: async () => done.push('answered'),
    localDescription: { sdp: toSdp('1') },
    remoteDescription: { sdp: toSdp('1234') },
  };
  const client = {
    sendOffer: async (_: string, { page }: { page: string }) => done.push(`offer of ${page}`),
    waitForAnswer: async () => ({ answer: { type: 'answer', sdp: toSdp(ssrc) } }),
    sendBye: async () => done.push('bye'),
  };
  const life = new AbortController();
  const given = { client: client as unknown as ViewerClient, sessionId: 's-a', page: 'p', signal: life.signal, life: life.signal };
  return { done, life, offer: () => offerAgain(connection as unknown as RTCPeerConnection, given) };
}

test('the same sender’s answer is taken, and the guest is told when the connection ends', async () => {
  const { done, life, offer } = start('1234');
  assert.is(await offer(), true);
  assert.equal(done, ['gather', 'offer of p', 'answered']);
  life.abort();
  assert.is(done.at(-1), 'bye');
});

test('the answer of an agent that began anew is not: the page makes another connection', async () => {
  const { done, offer } = start('77');
  assert.is(await offer(), false);
  assert.not(done.includes('answered'));
});

test.run();
