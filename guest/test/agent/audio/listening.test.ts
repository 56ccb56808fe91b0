import { RTCPeerConnection, useOPUS, useVP8, type RtpPacket } from 'werift';
import { assert, suite } from '#test/suite';
import { Peer } from '../../../src/agent/peer/peer.ts';

/* A viewer of werift's and the agent's peer, over this host's own network: what is negotiated, and what then comes. */
const test = suite('listening', { timeoutMs: 30_000 });
const PORTS = { ports: { portMin: 42100, portMax: 42131 }, bitrateKbps: 4000 };

async function start(audio: boolean, kinds: ('video' | 'audio')[]) {
  const heard: boolean[] = [];
  const connected = Promise.withResolvers<void>();
  const ignore = () => {};
  const events = {
    onClosed: ignore,
    onMove: ignore,
    onInput: ignore,
    onControl: () => true,
    isTurn: () => true,
    onChannelOpen: ignore,
    onKeyFrameWanted: ignore,
    onFlow: ignore,
  };
  const viewer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle', codecs: { video: [useVP8()], audio: [useOPUS()] } });
  const control = viewer.createDataChannel('control');
  const packets: RtpPacket[] = [];
  viewer.onRemoteTransceiverAdded.subscribe(ignore);
  viewer.onTrack.subscribe((track) => track.kind === 'audio' && track.onReceiveRtp.subscribe((rtp) => void packets.push(rtp)));
  for (const kind of kinds) viewer.addTransceiver(kind, { direction: 'recvonly' });
  const offerOf = async () => {
    await viewer.setLocalDescription(await viewer.createOffer());
    return viewer.localDescription!.sdp;
  };
  const first = await offerOf();
  const peer = new Peer({ offer: { type: 'offer', sdp: first }, role: 'view', clipboard: 'off', audio }, PORTS, {
    ...events,
    onConnected: () => connected.resolve(),
    onListens: (listens) => void heard.push(listens),
  });
  const answer = async (offer: string) => {
    const sdp = await peer.answer(offer);
    await viewer.setRemoteDescription({ type: 'answer', sdp });
    return sdp;
  };
  const sdp = await answer(first);
  await connected.promise;
  return {
    peer,
    viewer,
    heard,
    packets,
    sdp,
    control,
    /** Offers again, on the same connection, with audio in it. */
    addAudio: async () => {
      viewer.addTransceiver('audio', { direction: 'recvonly' });
      return answer(await offerOf());
    },
    end: async () => {
      peer.close('test is over');
      await viewer.close();
    },
  };
}

/** Sends until something has come. */
async function play(peer: Peer, packets: RtpPacket[]): Promise<Buffer> {
  for (let timestamp = 0; packets.length === 0; timestamp += 960) {
    peer.sendSound({ payload: Buffer.from('opus'), timestamp, marker: false });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return packets[0]!.payload;
}

const toAudio = (sdp: string) => sdp.split(/^(?=m=)/m).find((section) => section.startsWith('m=audio'));

test('a first offer with audio is answered with Opus of another stream than the picture’s, and packets come', async () => {
  const { peer, heard, packets, sdp, end } = await start(true, ['video', 'audio']);
  const audio = toAudio(sdp)!;
  assert.match(audio, 'a=sendonly');
  assert.match(audio, /opus\/48000\/2/i);
  const stream = /a=msid:(\S+)/.exec(audio)?.[1];
  assert.ok(stream !== undefined && !sdp.slice(0, sdp.indexOf('m=audio')).includes(`a=msid:${stream}`));
  assert.equal(heard, [true]);
  assert.is((await play(peer, packets)).toString(), 'opus');
  await end();
});

test('audio that is offered later comes on the same connection, and the picture’s sender stays', async () => {
  const { peer, heard, packets, sdp, addAudio, end } = await start(true, ['video']);
  assert.is(toAudio(sdp), undefined);
  assert.equal(heard, []);
  const later = await addAudio();
  const ssrcOf = (text: string) => /^a=ssrc:(\d+)/m.exec(text)?.[1];
  assert.is(ssrcOf(later), ssrcOf(sdp));
  assert.match(toAudio(later)!, 'a=sendonly');
  assert.equal(heard, [true]);
  assert.is((await play(peer, packets)).toString(), 'opus');
  await end();
});

test('where nobody may listen the section is refused, first or later, and the connection stands', async () => {
  const first = await start(false, ['video', 'audio']);
  assert.match(toAudio(first.sdp)!, /^m=audio 0 /);
  const later = await start(false, ['video']);
  assert.match(toAudio(await later.addAudio())!, /^m=audio 0 /);
  for (const { peer, heard, packets, end } of [first, later]) {
    peer.sendSound({ payload: Buffer.from('opus'), timestamp: 0, marker: false });
    assert.equal([heard, packets.length], [[], 0]);
    await end();
  }
});

test.run();
