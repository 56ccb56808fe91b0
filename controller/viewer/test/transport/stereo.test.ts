import { assert, suite } from '#test/suite';
import { setOffer, withStereo } from '../../src/transport/stereo.ts';

const test = suite('stereo');

const OFFER = ['v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111 9', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1', ''].join(
  '\r\n',
);

test('an offer for Opus says that the page hears both sides, once', () => {
  assert.match(withStereo(OFFER), 'a=fmtp:111 minptime=10;useinbandfec=1;stereo=1\r\n');
  assert.is(withStereo(withStereo(OFFER)), withStereo(OFFER));
});

test('an offer without sound is left as it is', () => {
  const sdp = OFFER.replaceAll('opus', 'G722');
  assert.is(withStereo(sdp), sdp);
});

test('a browser that takes none but its own words gets them', async () => {
  const done: unknown[] = [];
  const connection = {
    getTransceivers: () => [{ receiver: { track: { kind: 'audio' } } }],
    createOffer: async () => ({ type: 'offer', sdp: OFFER }),
    setLocalDescription: async (given?: { sdp: string }) => {
      done.push(given?.sdp);
      if (given) throw new Error('InvalidModificationError');
    },
  };
  await setOffer(connection as unknown as RTCPeerConnection);
  assert.equal(done, [withStereo(OFFER), undefined]);
});

test.run();
