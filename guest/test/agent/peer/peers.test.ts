import { assert, suite } from '#test/suite';
import type { ViewerRole } from '#contract/viewer-role';
import { Injector } from '../../../src/agent/input/injector.ts';
import { createLog } from '../../../src/agent/log.ts';
import { Sound } from '../../../src/agent/audio/sound.ts';
import { Peers } from '../../../src/agent/peer/peers.ts';
import type { EncoderEvents } from '../../../src/agent/stream/encoder.ts';
import { Lanes } from '../../../src/agent/stream/lanes.ts';
import { FakeEncoder, SETTINGS } from '../../fakes/fake-encoder.ts';
import { FakeResizer } from '../../fakes/fake-resizer.ts';
import { FakeX } from '../../fakes/fake-x.ts';
import { toOffer } from '../../fakes/offer.ts';

const test = suite('peers');

function start(hasSound = false) {
  const x = new FakeX();
  const createEncoder = (events: EncoderEvents) => new FakeEncoder(events);
  const lanes = new Lanes({ settings: SETTINGS, createEncoder, createSlowEncoder: createEncoder, onFailure: () => {}, lingerMs: 1 });
  const resizer = new FakeResizer();
  const peers = new Peers({
    ports: { portMin: 42000, portMax: 42031 },
    bitrateKbps: 4000,
    lanes,
    sound: hasSound ? new Sound({ createCapture: () => ({ start: () => {}, stop: () => {} }), onFailure: () => {} }) : undefined,
    injector: new Injector({ display: x }),
    resizer,
    getSize: () => x.size,
    onInput: () => {},
    onChange: () => {},
    log: createLog(() => {}),
  });
  const offer = async (peerId: string, offerId: string, sdp: string, role: ViewerRole = 'control', audio?: boolean) =>
    (await peers.answer({
      kind: 'offer',
      peerId,
      offerId,
      role,
      ...(audio !== undefined && { audio }),
      offer: { type: 'offer', sdp },
      candidates: [],
    }))!;
  const end = () => {
    peers.stop();
    lanes.stop();
  };
  return { peers, offer, resizer, end };
}

/** Candidates differ from host to host. */
function toLines(sdp: string): string[] {
  return sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate:'));
}

test('an offer is answered with video to send, as an ICE-lite agent that waits for DTLS', async () => {
  const { offer, end } = start();
  const { peerId, offerId, answer, candidates } = await offer('p1', 'o1', toOffer());
  assert.equal([peerId, offerId, answer.type, candidates], ['p1', 'o1', 'answer', []]);
  const lines = toLines(answer.sdp);
  for (const line of [
    'a=group:BUNDLE 0 1',
    'a=sendonly',
    'a=setup:passive',
    'a=rtpmap:96 VP8/90000',
    'a=sctp-port:5000',
    'a=max-message-size:1024',
  ])
    assert.ok(lines.includes(line), line);
  assert.ok(lines.includes('a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay'));
  assert.is(lines.filter((line) => line === 'a=ice-lite').length, 1);
  assert.ok(lines.includes('a=extmap:4 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01'));
  for (const line of ['a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96', 'a=rtcp-fb:96 transport-cc']) assert.ok(lines.includes(line), line);
  assert.is(lines.filter((line) => /^a=ssrc-group:FID \d+ \d+$/.test(line)).length, 1);
  assert.is(lines.filter((line) => /VP9|abs-send-time/.test(line)).length, 0);
  end();
});

test('all candidates are this host’s own, by UDP, in the machine’s range of ports', async () => {
  const { offer, end } = start();
  const { answer } = await offer('p1', 'o1', toOffer());
  for (const line of answer.sdp.split('\r\n').filter((one) => one.startsWith('a=candidate:'))) {
    const [, , transport, , address, port, , type] = line.split(' ');
    assert.equal([transport, type], ['udp', 'host']);
    assert.match(address!, /^[0-9.]+$/);
    assert.ok(Number(port) >= 42000 && Number(port) <= 42031, port);
  }
  end();
});

test('a new connection of the same viewer takes the place of the old one', async () => {
  const { peers, offer, end } = start();
  const first = await offer('p1', 'o1', toOffer('1'));
  const second = await offer('p1', 'o2', toOffer('2'));
  assert.is.not(ufragOf(first.answer.sdp), ufragOf(second.answer.sdp));
  assert.equal(peers.states, [{ peerId: 'p1', state: 'connecting' }]);
  end();
});

test('of offers that come faster than they are answered, the last is answered, for each viewer', async () => {
  const { peers, offer, end } = start();
  const flood = Array.from({ length: 50 }, (_, index) => offer('p1', `o${index}`, toOffer(String(index))));
  const other = offer('p2', 'only', toOffer('x'));
  const answers = await Promise.all(flood);
  assert.equal(
    answers.filter(Boolean).map(({ offerId }) => offerId),
    ['o49'],
  );
  assert.is((await other).offerId, 'only');
  assert.is((await offer('p1', 'later', toOffer('y'))).offerId, 'later');
  assert.is(peers.states.length, 2);
  end();
});

test('an ICE restart is answered by the connection that it restarts', async () => {
  const { offer, end } = start();
  const first = await offer('p1', 'o1', toOffer('1'));
  const restarted = await offer(
    'p1',
    'o2',
    toOffer('1', 3).replaceAll('nKN9', 'abcd').replaceAll('lb1pb2cpsKuhiil61qW8fSep', 'x'.repeat(24)),
  );
  assert.is.not(ufragOf(first.answer.sdp), ufragOf(restarted.answer.sdp));
  assert.is(ssrcOf(first.answer.sdp), ssrcOf(restarted.answer.sdp));
  end();
});

test('several viewers at once are several peers, each with ports of its own', async () => {
  const { peers, offer, end } = start();
  const answers = await Promise.all(['a', 'b', 'c'].map((peerId) => offer(peerId, 'o', toOffer(peerId.codePointAt(0)!.toString()))));
  const ports = answers.flatMap(({ answer }) => [...new Set(answer.sdp.match(/(?<=^a=candidate:.*) \d+ (?=typ host)/gm) ?? [])]);
  assert.is(new Set(ports).size, ports.length);
  assert.is(peers.states.length, 3);
  end();
});

for (const [what, sdp] of Object.entries({
  nonsense: 'hello',
  'an offer without video': toOffer().replace(/m=video[^]*(?=m=application)/, ''),
})) {
  test(`${what} is refused, and leaves a closed peer with the reason`, async () => {
    const { peers, offer, end } = start();
    const error = await offer('p1', 'o1', sdp).catch((reason: unknown) => reason);
    assert.instance(error, Error);
    const [state] = peers.states;
    assert.is(state!.state, 'closed');
    assert.match(state!.reason!, 'offer refused');
    end();
  });
}

test('a viewer that left is closed', async () => {
  const { peers, offer, end } = start();
  await offer('p1', 'o1', toOffer());
  peers.close('p1', 'viewer left');
  assert.equal(peers.states, [{ peerId: 'p1', state: 'closed', reason: 'viewer left' }]);
  end();
});

test('the size that a viewer wanted goes with it', async () => {
  const { peers, offer, resizer, end } = start();
  await offer('p1', 'o1', toOffer('1'));
  await offer('p1', 'o2', toOffer('2'));
  assert.equal(resizer.told, [], 'its page goes on');
  peers.close('p1', 'viewer left');
  assert.equal(resizer.told, ['p1 leaves']);
  end();
});

test('a viewer that was revoked loses all its pages, and what it has just offered; others go on', async () => {
  const { peers, offer, end } = start();
  await Promise.all(['p1', 'p1_a', 'p1_b', 'p12', 'p2_p1'].map((peerId, index) => offer(peerId, 'o', toOffer(String(index)))));
  const waiting = [offer('p3_x', 'o', toOffer('7')), offer('p1_c', 'o', toOffer('8'))];
  peers.revoke('p1');
  const [other, late] = await Promise.all(waiting);
  assert.equal([other?.offerId, late], ['o', undefined]);
  const open = peers.states.filter(({ state }) => state !== 'closed').map(({ peerId }) => peerId);
  assert.equal(open.sort(), ['p12', 'p2_p1', 'p3_x']);
  end();
});

test('the same connection with another role is another one', async () => {
  const { offer, end } = start();
  const first = await offer('p1', 'o1', toOffer('1'), 'control');
  const second = await offer('p1', 'o2', toOffer('1', 3), 'view');
  assert.is.not(ssrcOf(first.answer.sdp), ssrcOf(second.answer.sdp));
  end();
});

function ufragOf(sdp: string): string {
  return /a=ice-ufrag:(\S+)/.exec(sdp)![1]!;
}

function ssrcOf(sdp: string): string {
  return /a=ssrc:(\d+)/.exec(sdp)![1]!;
}

const WITH_AUDIO = `${toOffer()}${['m=audio 9 UDP/TLS/RTP/SAVPF 111', 'c=IN IP4 0.0.0.0', 'a=mid:2', 'a=recvonly', 'a=rtcp-mux', 'a=rtpmap:111 opus/48000/2', ''].join('\r\n')}`;
const MAY_LISTEN: [hasSound: boolean, audio: boolean | undefined, isHeard: boolean][] = [
  [true, true, true],
  [true, false, false],
  [true, undefined, false],
  [false, true, false],
];
for (const [hasSound, audio, isHeard] of MAY_LISTEN) {
  test(`a viewer who offers audio ${isHeard ? 'gets it' : 'is refused it'}: sound ${hasSound}, the controller lets it ${audio}`, async () => {
    const { offer, end } = start(hasSound);
    const sdp = WITH_AUDIO.replace('BUNDLE 0 1', 'BUNDLE 0 1 2').replace(
      /(?=a=mid:2)/,
      /a=ice-ufrag[^]*?a=setup:actpass\r\n/.exec(WITH_AUDIO)![0],
    );
    const { answer } = await offer('p1', 'o1', sdp, 'view', audio);
    assert.is(/^m=audio (\d+)/m.exec(answer.sdp)![1] !== '0', isHeard);
    assert.match(answer.sdp, isHeard ? 'a=group:BUNDLE 0 1 2' : /^a=group:BUNDLE 0 1\r$/m);
    end();
  });
}

test.run();
