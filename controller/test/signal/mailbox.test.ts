import { suite, assert } from '#test/suite';
import type { GuestSignal } from '#contract/signal';
import { Mailbox, PEERS_MAX, TRICKLED_MAX } from '../../src/signal/mailbox.ts';

const test = suite('mailbox');

const offer = (sdp = 'v=0') => ({ offer: { type: 'offer' as const, sdp } });
const answerTo = (peerId: string, offerId: string) => ({
  peerId,
  offerId,
  answer: { type: 'answer' as const, sdp: 'v=0' },
  candidates: [],
});
const candidate = { candidate: 'candidate:1 1 udp 1 198.51.100.1 5000 typ host' };
const kinds = (signals: GuestSignal[]) =>
  signals.map((signal) => `${signal.kind} ${'peerId' in signal ? signal.peerId : signal.kind === 'revoked' ? signal.viewer : signal.id}`);

test('the guest is handed offers and candidates in the order in which they came', () => {
  const mailbox = new Mailbox();
  const a = mailbox.postOffer('a', offer()).offerId;
  mailbox.postOffer('b', offer());
  mailbox.postCandidates('a', { offerId: a, candidates: [candidate] });
  assert.equal(kinds(mailbox.signals(0).signals), ['offer a', 'offer b', 'candidates a']);
});

test('what came with a reply that was not acknowledged is handed out again; what was, is not', () => {
  const mailbox = new Mailbox();
  mailbox.postOffer('a', offer());
  const first = mailbox.signals(0);
  assert.equal(mailbox.signals(0), first);
  assert.equal(mailbox.signals(first.cursor), { cursor: first.cursor, signals: [] });
  mailbox.postOffer('b', offer());
  assert.equal(kinds(mailbox.signals(first.cursor).signals), ['offer b']);
});

test('a new offer takes the place of the viewer’s old one and of all that was said about it', () => {
  const mailbox = new Mailbox();
  const first = mailbox.postOffer('a', offer('v=0 old')).offerId;
  mailbox.postCandidates('a', { offerId: first, candidates: [candidate] });
  mailbox.postAnswer(answerTo('a', first));
  const second = mailbox.postOffer('a', offer('v=0 new')).offerId;
  assert.is(mailbox.answer('a', second), undefined);
  assert.throws(() => mailbox.answer('a', first), /newer one/);
  assert.throws(() => mailbox.postCandidates('a', { offerId: first, candidates: [candidate] }), /newer one/);
  assert.equal(kinds(mailbox.signals(0).signals), ['offer a']);
});

test('an answer to a replaced offer is dropped: a reload never takes a stale answer', () => {
  const mailbox = new Mailbox();
  const first = mailbox.postOffer('a', offer()).offerId;
  const second = mailbox.postOffer('a', offer()).offerId;
  assert.is(mailbox.postAnswer(answerTo('a', first)), false);
  assert.is(mailbox.postAnswer(answerTo('a', second)), true);
  assert.is(mailbox.answer('a', second)?.offerId, second);
});

test('the offer’s id is the browser’s, or ours when it names none', () => {
  const mailbox = new Mailbox();
  assert.is(mailbox.postOffer('a', { ...offer(), offerId: 'mine' }).offerId, 'mine');
  assert.match(mailbox.postOffer('a', offer()).offerId, /^[A-Za-z0-9_-]{1,64}$/);
});

test('a guest that starts anew is handed only what nobody has answered', () => {
  const mailbox = new Mailbox();
  mailbox.postAnswer(answerTo('a', mailbox.postOffer('a', offer()).offerId));
  mailbox.postOffer('b', offer());
  assert.equal(kinds(mailbox.signals(0).signals), ['offer b']);
});

test('an offer that the guest refuses is told as such, and the next one is not', () => {
  const mailbox = new Mailbox();
  const { offerId, peerId } = mailbox.postOffer('a', offer());
  assert.ok(mailbox.postRefusal({ peerId, offerId, reason: 'no video' }));
  assert.throws(
    () => mailbox.answer('a', offerId),
    (error: { statusCode?: number; code?: string; message: string }) =>
      error.statusCode === 422 && error.code === 'offer_refused' && /no video/.test(error.message),
  );
  assert.equal(mailbox.signals(0).signals, [], 'another life of the guest would refuse it, too');
  const next = mailbox.postOffer('a', offer());
  assert.is(mailbox.answer('a', next.offerId), undefined);
  assert.not.ok(mailbox.postRefusal({ peerId, offerId, reason: 'late' }), 'of the offer before');
  assert.is(mailbox.answer('a'), undefined);
});

test('a cursor from before a restart of the controller is behind everything new', async () => {
  const old = new Mailbox();
  for (let i = 0; i < 5; i++) old.postOffer('a', offer());
  const { cursor } = old.signals(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const mailbox = new Mailbox();
  mailbox.postOffer('b', offer());
  assert.equal(kinds(mailbox.signals(cursor).signals), ['offer b']);
});

test('the guest’s candidates are handed to their viewer once', () => {
  const mailbox = new Mailbox();
  const offerId = mailbox.postOffer('a', offer()).offerId;
  assert.is(mailbox.takeCandidates('a'), undefined);
  mailbox.postGuestCandidates({ peerId: 'a', offerId, candidates: [candidate] });
  assert.equal(mailbox.takeCandidates('a', offerId), { offerId, candidates: [candidate] });
  assert.is(mailbox.takeCandidates('a', offerId), undefined);
});

test('candidates of one offer are bounded in both directions', () => {
  const mailbox = new Mailbox();
  const offerId = mailbox.postOffer('a', offer()).offerId;
  const many = Array.from({ length: TRICKLED_MAX }, () => candidate);
  mailbox.postCandidates('a', { offerId, candidates: many });
  assert.throws(() => mailbox.postCandidates('a', { offerId, candidates: [candidate] }), /at most/);
  mailbox.postGuestCandidates({ peerId: 'a', offerId, candidates: many });
  assert.throws(() => mailbox.postGuestCandidates({ peerId: 'a', offerId, candidates: [candidate] }), /at most/);
});

test('the viewer that offered longest ago makes room, and the guest is told', () => {
  const mailbox = new Mailbox();
  mailbox.postOffer('p0', offer());
  const { cursor } = mailbox.signals(0);
  for (let i = 1; i <= PEERS_MAX; i++) mailbox.postOffer(`p${i}`, offer());
  assert.ok(kinds(mailbox.signals(cursor).signals).includes('bye p0'));
  assert.throws(() => mailbox.offer('p0'), /no such offer/);
  assert.is(mailbox.offer(`p${PEERS_MAX}`).offer.type, 'offer');
});

test('a second page of a viewer is a peer of its own, and each hears of its own offer', () => {
  const mailbox = new Mailbox();
  const [one, two] = ['one', 'two'].map((page) => mailbox.postOffer('a', { ...offer(), page }));
  assert.equal([one?.peerId, two?.peerId], ['a_one', 'a_two']);
  mailbox.postAnswer(answerTo('a_one', one!.offerId));
  assert.is(mailbox.answer('a', one!.offerId)?.offerId, one!.offerId);
  assert.is(mailbox.answer('a', two!.offerId), undefined);
  assert.is(mailbox.offer('a').offerId, two!.offerId);
  assert.throws(() => mailbox.answer('b', one!.offerId), /no such offer/);
  mailbox.postOffer('a', { ...offer(), page: 'one' });
  assert.throws(() => mailbox.answer('a', one!.offerId), /newer one/);
  assert.is(mailbox.answer('a', two!.offerId), undefined);
});

test('a page that says goodbye is forgotten and the guest is told; for an offer that was replaced it is too late', () => {
  const mailbox = new Mailbox();
  const first = mailbox.postOffer('a', { ...offer(), page: 'one' });
  const { cursor } = mailbox.signals(0);
  const second = mailbox.postOffer('a', { ...offer(), page: 'one' });
  mailbox.bye('a', first.offerId);
  mailbox.bye('b', second.offerId);
  assert.equal(kinds(mailbox.signals(cursor).signals), ['offer a_one']);
  mailbox.bye('a', second.offerId);
  assert.equal(kinds(mailbox.signals(cursor).signals), ['bye a_one']);
  assert.throws(() => mailbox.offer('a'), /no such offer/);
});

test('a page that the guest has lost makes room before one that is looked at', () => {
  const mailbox = new Mailbox((peerId) => peerId === 'p2' || peerId === 'p3');
  for (let i = 0; i < PEERS_MAX; i++) mailbox.postOffer(`p${i}`, offer());
  // p2 comes back, which the guest does not know yet.
  mailbox.postAnswer(answerTo('p3', mailbox.offer('p3').offerId));
  const { cursor } = mailbox.signals(0);
  mailbox.postOffer('new', offer());
  assert.equal(kinds(mailbox.signals(cursor).signals), ['offer new', 'bye p3']);
});

test('a viewer with many pages makes room itself and pushes no other out', () => {
  const mailbox = new Mailbox();
  mailbox.postOffer('quiet', offer());
  for (let i = 0; i < 3 * PEERS_MAX; i++) mailbox.postOffer('loud', { ...offer(), page: `${i}` });
  assert.is(mailbox.offer('quiet').offer.type, 'offer');
  assert.is(mailbox.signals(0).signals.length, PEERS_MAX);
});

test('ten thousand offers leave one behind', () => {
  const mailbox = new Mailbox();
  for (let i = 0; i < 10_000; i++) mailbox.postOffer('a', offer());
  assert.is(mailbox.signals(1).signals.length, 1);
});

test.run();
