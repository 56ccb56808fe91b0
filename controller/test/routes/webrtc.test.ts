import { suite, assert } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

const test = suite('webrtc routes');

const SDP = ['v=0', 's=-', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=ice-ufrag:abcd', 'a=candidate:1 1 udp 1 x.local 5000 typ host', ''].join(
  '\r\n',
);
const offer = { type: 'offer', sdp: SDP };
const answerTo = (peerId: string, offerId: string) => ({ peerId, offerId, answer: { type: 'answer' as const, sdp: SDP }, candidates: [] });

async function setUp(fake: FakeController) {
  const app = await fake.app();
  const id = await fake.startReady();
  const viewer = async (peerId: string) => {
    const token = await fake.viewerToken(id, 'control', peerId);
    return (line: string, body?: unknown) =>
      ask(app, line.replace(' ', ` /api/webrtc/session/${id}/`), { token, ...(body !== undefined && { body }) });
  };
  return { app, id, viewer, mailbox: fake.sessions.live(id).mailbox };
}

/** By then a long poll has come, also on a busy machine. */
const IS_WAITING_MS = 300;

test('an offer reaches the guest without .local names, and its answer the viewer', async () => {
  await using fake = new FakeController();
  const { viewer, mailbox } = await setUp(fake);
  const ann = await viewer('p-ann');
  const posted = await ann('POST offer', { offer, offerId: 'o1' });
  assert.equal([posted.status, posted.body], [200, { offerId: 'o1', peerId: 'p-ann' }]);
  const [signal] = mailbox.signals(0).signals;
  assert.not.match(JSON.stringify(signal), /local/);
  assert.equal((await ann('GET answer?offerId=o1')).body.error.code, 'answer_pending');
  const wait = ann('GET answer?offerId=o1&wait=20');
  setTimeout(() => mailbox.postAnswer(answerTo('p-ann', 'o1')), 10);
  const answer = await wait;
  assert.equal([answer.status, answer.body.offerId, answer.body.answer.type], [200, 'o1', 'answer']);
});

test('a wait is a number of seconds with whatever fraction, and no number without end', async () => {
  await using fake = new FakeController();
  const { viewer, app } = await setUp(fake);
  const ann = await viewer('p-ann');
  await ann('POST offer', { offer, offerId: 'o1' });
  for (const wait of ['0.0005', '1e-3', '5e-324']) assert.is((await ann(`GET answer?wait=${wait}`)).body.error.code, 'answer_pending');
  for (const wait of ['50.1', '1e999', 'Infinity', '-Infinity', 'NaN', ''])
    assert.equal((await ann(`GET answer?wait=${wait}`)).body.error.code, 'invalid_request', wait);
  for (const limit of ['1e999', 'Infinity', '1.5'])
    assert.is((await ask(app, `GET /api/sessions?limit=${limit}`, { token: API_KEY })).status, 400, limit);
});

test('a long poll for an answer ends at once when a newer offer takes the place, and when the session ends', async () => {
  await using fake = new FakeController();
  const { viewer, id } = await setUp(fake);
  const ann = await viewer('p-ann');
  await ann('POST offer', { offer, offerId: 'o1' });
  const replaced = ann('GET answer?offerId=o1&wait=20');
  setTimeout(() => void ann('POST offer', { offer, offerId: 'o2' }), IS_WAITING_MS);
  assert.equal((await replaced).body.error.code, 'offer_unknown');
  const waiting = ann('GET answer?offerId=o2&wait=20');
  setTimeout(() => void fake.sessions.stop(id, 'test', { code: 'x', message: 'x' }), IS_WAITING_MS);
  assert.is((await waiting).status, 404);
  assert.is((await ann('GET answer')).status, 410);
});

test('viewers do not see each other’s signals', async () => {
  await using fake = new FakeController();
  const { viewer, mailbox } = await setUp(fake);
  const [ann, bob] = [await viewer('p-ann'), await viewer('p-bob')];
  await ann('POST offer', { offer, offerId: 'o1' });
  mailbox.postAnswer(answerTo('p-ann', 'o1'));
  assert.is((await ann('GET offer')).body.offerId, 'o1');
  for (const what of ['offer', 'answer', 'candidates']) assert.equal((await bob(`GET ${what}`)).body.error.code, 'offer_unknown');
});

test('candidates go both ways, and are waited for', async () => {
  await using fake = new FakeController();
  const { viewer, mailbox } = await setUp(fake);
  const ann = await viewer('p-ann');
  await ann('POST offer', { offer, offerId: 'o1' });
  const { cursor } = mailbox.signals(0);
  const candidate = { candidate: 'candidate:1 1 udp 1 198.51.100.1 5000 typ host', sdpMid: '0' };
  assert.is((await ann('POST candidate', { offerId: 'o1', candidates: [candidate] })).status, 204);
  assert.equal(mailbox.signals(cursor).signals, [{ kind: 'candidates', peerId: 'p-ann', offerId: 'o1', candidates: [candidate] }]);
  assert.equal((await ann('GET candidates?offerId=o1')).body, { candidates: [], offerId: 'o1' });
  const wait = ann('GET candidates?offerId=o1&wait=20');
  setTimeout(() => mailbox.postGuestCandidates({ peerId: 'p-ann', offerId: 'o1', candidates: [candidate] }), 10);
  assert.equal((await wait).body.candidates, [candidate]);
});

test('only guests post answers: 405 with what is allowed', async () => {
  await using fake = new FakeController();
  const { viewer } = await setUp(fake);
  const ann = await viewer('p-ann');
  const reply = await ann('POST answer', { answer: { type: 'answer', sdp: SDP }, candidates: [], offerId: 'o1' });
  assert.equal([reply.status, reply.body.error.code], [405, 'method_not_allowed']);
  assert.match(reply.headers.allow!, /GET/);
});

test('wrong shapes are refused: a flat offer, a wrong type, too many candidates, no SDP', async () => {
  await using fake = new FakeController();
  const { viewer, mailbox } = await setUp(fake);
  const ann = await viewer('p-ann');
  for (const [body, code] of [
    [offer, 'invalid_request'],
    [{ offer: { ...offer, type: 'answer' } }, 'invalid_request'],
    [{ offer, candidates: Array(65).fill({ candidate: 'x' }) }, 'invalid_request'],
    [{ offer: { ...offer, sdp: 'x'.repeat(70_000) } }, 'invalid_request'],
    [{ offer, offerId: '../x' }, 'invalid_request'],
    [{ offer: { ...offer, sdp: 'hello' } }, 'sdp_malformed'],
  ] as const) {
    const reply = await ann('POST offer', body);
    assert.equal([reply.status, reply.body.error.code], [400, code]);
  }
  assert.equal(mailbox.signals(0).signals, []);
});

test('offers are taken before the desktop is ready: the guest finds them when it comes', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = fake.start();
  const reply = await ask(app, `POST /api/webrtc/session/${id}/offer`, { token: API_KEY, body: { offer } });
  assert.is(reply.status, 200);
  assert.is(fake.sessions.live(id).mailbox.signals(0).signals.length, 1);
});

test('300 signals of one session in a second are served, and another session’s are never limited by them', async () => {
  await using fake = new FakeController();
  const { viewer } = await setUp(fake);
  const ann = await viewer('p-ann');
  await ann('POST offer', { offer });
  const replies = await Promise.all(Array.from({ length: 900 }, () => ann('GET offer')));
  const served = replies.filter(({ status }) => status === 200).length;
  // The limit, and as many again where a second began meanwhile; the offer was another route's.
  assert.ok(served >= 600, `${served} served`);
  const limited = replies.find(({ status }) => status === 429);
  assert.equal([limited?.body.error.code, limited?.headers['retry-after']], ['too_many_requests', '1']);
  const other = await fake.startReady('bob');
  const app = await fake.app();
  assert.is((await ask(app, `POST /api/webrtc/session/${other}/offer`, { token: API_KEY, body: { offer } })).status, 200);
});

test('two pages of one viewer have a connection each, and one ends without the other', async () => {
  await using fake = new FakeController();
  const { viewer, mailbox, id } = await setUp(fake);
  const ann = await viewer('p-ann');
  for (const page of ['one', 'two']) {
    const { body } = await ann('POST offer', { offer, offerId: page, page });
    assert.equal(body, { offerId: page, peerId: `p-ann_${page}` });
    mailbox.postAnswer(answerTo(body.peerId, page));
  }
  assert.is((await ann('GET answer?offerId=one')).status, 200);
  assert.is((await ann('DELETE offer?offerId=one')).status, 204);
  assert.is((await ann('GET answer?offerId=one')).status, 404);
  assert.is((await ann('GET answer?offerId=two')).status, 200);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.is((await ann('DELETE offer?offerId=two')).status, 204, 'the session is over: nothing to say goodbye to');
});

test.run();
