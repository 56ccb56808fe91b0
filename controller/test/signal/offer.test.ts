import { suite, assert } from '#test/suite';
import { Refusal } from '../../src/refusal.ts';
import { checkSdp, cleanCandidates, cleanOffer } from '../../src/signal/offer.ts';

const test = suite('offer');

const GOOD = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:abcd', ''].join('\r\n');
const mdns = 'candidate:1 1 udp 2113937151 6f0d5b1e-2b1c.local 50000 typ host generation 0';
const plain = 'candidate:2 1 udp 2113937151 198.51.100.4 50000 typ host generation 0';

test('.local candidates are stripped from the SDP and from the list, others stay', () => {
  const body = cleanOffer({
    offer: { type: 'offer', sdp: `${GOOD}a=${mdns}\r\na=${plain}\r\n` },
    candidates: [{ candidate: mdns }, { candidate: plain }],
    offerId: 'o1',
  });
  assert.is(body.offer.sdp, `${GOOD}a=${plain}\r\n`);
  assert.equal(body.candidates, [{ candidate: plain }]);
  assert.is(body.offerId, 'o1');
});

test('trickled .local candidates are stripped; the empty one, which ends them, stays', () => {
  assert.equal(cleanCandidates([{ candidate: mdns }, { candidate: '' }]), [{ candidate: '' }]);
});

test('an SDP as browsers write it passes', () => checkSdp(GOOD));

for (const [what, sdp] of [
  ['empty lines only', '\r\n'],
  ['no version', 'o=- 1 2'],
  ['a line that is none', 'v=0\r\nhello\r\nm=video 9'],
  ['no media', 'v=0\r\ns=-\r\na=ice-ufrag:x'],
  ['no ICE', 'v=0\r\nm=video 9 UDP 96\r\n'],
] as const) {
  test(`an SDP with ${what} is refused with 400`, () => {
    assert.throws(
      () => checkSdp(sdp),
      (error: unknown) => error instanceof Refusal && error.statusCode === 400 && error.code === 'sdp_malformed',
    );
  });
}

test.run();
