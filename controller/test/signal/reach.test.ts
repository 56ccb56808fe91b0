import { suite, assert } from '#test/suite';
import { toSlot } from '../../src/net/slot.ts';
import { rewriteAnswer, rewriteCandidates, rewriteSdp, toReach } from '../../src/signal/reach.ts';

const test = suite('reach');

const local = toReach(toSlot('oriel', 3), []);
const open = toReach(toSlot('oriel', 3), ['203.0.113.7']);
const host = (port = 20100) => `candidate:abc 1 udp 2130706431 192.168.100.2 ${port} typ host`;
const sdp = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('');

test('reach is the slot’s own address, its ports, and the host’s public addresses', () => {
  assert.equal(local, { addresses: ['100.96.0.14'], portMin: 20096, portMax: 20127 });
  assert.equal(open.addresses, ['100.96.0.14', '203.0.113.7']);
});

test('the guest’s own address becomes the outside one, all else of the SDP stays', () => {
  const before = sdp(
    'v=0',
    'o=- 1 0 IN IP4 192.168.100.2',
    's=-',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 192.168.100.2',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=${host()} generation 0`,
    'a=end-of-candidates',
  );
  const after = sdp(
    'v=0',
    'o=- 1 0 IN IP4 100.96.0.14',
    's=-',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 100.96.0.14',
    'a=rtcp:9 IN IP4 0.0.0.0',
    'a=candidate:abc 1 udp 2130706431 100.96.0.14 20100 typ host generation 0',
    'a=end-of-candidates',
  );
  assert.is(rewriteSdp(before, local), after);
});

test('each outside address gets a candidate of its own, of lower priority and another foundation', () => {
  assert.equal(rewriteCandidates([{ candidate: host(), sdpMid: '0' }], open), [
    { candidate: 'candidate:abc 1 udp 2130706431 100.96.0.14 20100 typ host', sdpMid: '0' },
    { candidate: 'candidate:abc1 1 udp 2130706175 203.0.113.7 20100 typ host', sdpMid: '0' },
  ]);
});

for (const [what, candidate] of [
  ['another host', 'candidate:1 1 udp 1 10.0.0.1 20100 typ host'],
  ['IPv6', 'candidate:1 1 udp 1 fe80::1 20100 typ host'],
  ['a port that is not its own', host(443)],
  ['TCP', 'candidate:1 1 tcp 1 192.168.100.2 20100 typ host tcptype passive'],
  ['a relay', 'candidate:1 1 udp 1 192.168.100.2 20100 typ relay raddr 10.0.0.1 rport 1'],
  ['nonsense', 'nonsense'],
  ['two lines', `${host()}\r\na=evil`],
] as const) {
  test(`a guest cannot point a browser at ${what}`, () => {
    assert.equal(rewriteCandidates([{ candidate }], open), []);
    assert.not.match(rewriteSdp(sdp('v=0', `a=${candidate}`), open), /10\.0\.0\.1|fe80|443|tcp|relay/);
  });
}

test('the empty candidate, which says that there are no more, stays', () => {
  assert.equal(rewriteCandidates([{ candidate: '' }], local), [{ candidate: '' }]);
});

test('lines may end in LF alone, and the last in nothing', () => {
  assert.is(rewriteSdp(`v=0\na=${host()}`, local), 'v=0\na=candidate:abc 1 udp 2130706431 100.96.0.14 20100 typ host');
});

test('a whole answer is rewritten in both of its places', () => {
  const answer = {
    peerId: 'p',
    offerId: 'o',
    answer: { type: 'answer' as const, sdp: sdp('v=0', `a=${host()}`) },
    candidates: [{ candidate: host(20101) }],
  };
  const text = JSON.stringify(rewriteAnswer(answer, local));
  assert.not.match(text, /192\.168\.100\.2/);
  assert.is(text.match(/100\.96\.0\.14/g)?.length, 2);
});

test.run();
