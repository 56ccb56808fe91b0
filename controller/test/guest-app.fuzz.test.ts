import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { GuestAnswer, GuestCandidates, GuestRefusal, GuestStatus, HelloBody } from '#contract/guest';
import { ScreenshotRefusal } from '#contract/screenshot';
import type { Candidate } from '#contract/signal';
import { fc, fuzz } from '#test/fuzz';
import { JUNK, RAW_BODIES, toFitting, toSpoiled, type Schema } from '#test/fuzz-values';
import { mutate } from '#test/sdp-mutations';
import { assert, suite } from '#test/suite';
import { toOffer } from '../../guest/test/fakes/offer.ts';
import { buildGuestApp } from '../src/guest-app.ts';
import { toReach, type Reach } from '../src/signal/reach.ts';
import { FakeController, log } from './fakes/controller.ts';

const test = suite('fuzzed guest app', { timeoutMs: 600_000 });

/** What a guest may say, and to where. */
const SAYINGS: Record<string, Schema | undefined> = {
  'POST /guest/wake': undefined,
  'POST /guest/hello': HelloBody as Schema,
  'GET /guest/signals': undefined,
  'POST /guest/answer': GuestAnswer as Schema,
  'POST /guest/refusal': GuestRefusal as Schema,
  'POST /guest/candidates': GuestCandidates as Schema,
  'POST /guest/status': GuestStatus as Schema,
  'POST /guest/screenshot': undefined,
  'POST /guest/screenshot/refusal': ScreenshotRefusal as Schema,
};
/** Its viewer's. */
const OFFER = 'o1';
/** Another host than the clone's own, in each form. */
const FOREIGN = [
  'candidate:1 1 udp 2130706431 10.0.0.1 20001 typ host',
  'candidate:1 1 udp 2130706431 192.168.100.2 22 typ host',
  'candidate:1 1 tcp 2130706431 192.168.100.2 20001 typ host tcptype passive',
  'candidate:1 1 udp 2130706431 192.168.100.2 20001 typ relay raddr 10.0.0.1 rport 1',
  'candidate:1 1 udp 2130706431 metadata.example 20001 typ host',
  'a=candidate:1 1 udp 2130706431 10.0.0.1 20001 typ host',
  'candidate:1 1 udp 2130706431 192.168.100.2 20001 typ host\r\na=candidate:1 1 udp 1 10.0.0.1 20001 typ host',
];
const own = 'candidate:1 1 udp 2130706431 192.168.100.2 20001 typ host';
const sdps = [toOffer(), ...mutate(toOffer()).map(({ sdp }) => sdp)].map((sdp) =>
  [sdp, ...[own, ...FOREIGN].map((one) => `a=${one}\r\n`)].join(''),
);
const samples = {
  sdp: fc.constantFrom(...sdps),
  candidate: fc.oneof(fc.constantFrom(own, '', ...FOREIGN), fc.string()),
  offerId: fc.constantFrom(OFFER, OFFER, 'o0'),
  peerId: fc.constantFrom('p-viewer', 'p-viewer', 'p-other'),
};

const questions = fc.oneof(
  ...Object.entries(SAYINGS).map(([line, schema]) => ({
    // What viewers are told comes more often.
    weight: /answer|candidates/.test(line) ? 3 : 1,
    arbitrary: fc.record({
      line: fc.constant(line),
      query: line.startsWith('GET')
        ? fc.constantFrom('?after=0', '?after=1&wait=0.001', '', '?after=-1', '?after=1e999', '?after=x', '?wait=0')
        : fc.constant(''),
      body: schema
        ? fc.oneof(
            { weight: 6, arbitrary: toFitting(schema, samples).map((value) => JSON.stringify(value)) },
            { weight: 3, arbitrary: toSpoiled(schema, samples).map((value) => JSON.stringify(value)) },
            { weight: 1, arbitrary: fc.constantFrom(...RAW_BODIES, ...JUNK.map((one) => JSON.stringify(one))) },
          )
        : fc.constant(undefined),
    }),
  })),
);
const CALLERS = ['nobody', 'wrong', 'the token, which is used', "another clone's", 'its own'] as const;

test('whatever a guest says, it does no harm: not to the controller, not without its secret, not to whoever reads its answers', async () => {
  await using fake = new FakeController();
  const app = await buildGuestApp({
    sessions: fake.sessions,
    signIns: fake.signIns,
    publicAddresses: ['203.0.113.7'],
    metrics: fake.metrics,
    log,
    requestsPerSecond: 1e6,
  });
  const [mine, other] = [await startSaid(fake, 'ann'), await startSaid(fake, 'bob')];
  const port = await freePort();
  const { slot, mailbox } = fake.sessions.live(mine.id);
  await using ends = new AsyncDisposableStack();
  ends.defer(await app.listen(slot, { host: '127.0.0.1', port }));
  const reach = toReach(slot, ['203.0.113.7']);
  const tokens = {
    nobody: undefined,
    wrong: 'x'.repeat(43),
    'the token, which is used': mine.token,
    "another clone's": other.secret,
    'its own': mine.secret,
  };
  const seen = new Map<string, Set<number>>();
  let reached = 0;

  await fuzz(
    fc.record({ question: questions, caller: fc.oneof(fc.constantFrom(...CALLERS), fc.constant('its own' as const)) }),
    300,
    async ({ question, caller }) => {
      mailbox.postOffer('p-viewer', { offer: { type: 'offer', sdp: toOffer() }, offerId: OFFER });
      const before = [fake.sessions.read(mine.id), fake.sessions.read(other.id), mailbox.answer('p-viewer')];
      const token = tokens[caller];
      const [method, path] = question.line.split(' ') as [string, string];
      const reply = await fetch(`http://127.0.0.1:${port}${path}${question.query}`, {
        method,
        headers: {
          ...(question.body !== undefined && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }),
        },
        ...(question.body !== undefined && { body: question.body }),
      });
      const text = await reply.text();
      seen.set(question.line, (seen.get(question.line) ?? new Set()).add(reply.status));
      assert.ok(reply.status < 500, text);
      assert.ok(text.length < 200_000, `a reply of ${text.length}`);
      if (caller !== 'its own') {
        assert.ok([400, 401, 413].includes(reply.status), `${caller}: ${reply.status} ${text.slice(0, 200)}`);
        assert.equal([fake.sessions.read(mine.id), fake.sessions.read(other.id), mailbox.answer('p-viewer')], before);
      }
      const told = answerOf(fake, mine.id);
      if (told.sdp || told.candidates.length > 0) reached += 1;
      assertWithinReach(told, reach);
    },
  );

  for (const line of Object.keys(SAYINGS)) assert.ok(seen.get(line)!.has(401), `${line}: never refused`);
  for (const line of ['GET /guest/signals', 'POST /guest/answer', 'POST /guest/refusal', 'POST /guest/candidates', 'POST /guest/status'])
    assert.ok(
      [200, 204].some((status) => seen.get(line)!.has(status)),
      `${line}: never done`,
    );
  assert.ok(reached > 10, `${reached} answers came to a viewer`);
});

/** What a viewer would get; a refusal is nothing. */
function answerOf(fake: FakeController, id: string): { sdp: string; candidates: Candidate[] } {
  const { mailbox } = fake.sessions.live(id);
  try {
    const { answer, candidates = [] } = mailbox.answer('p-viewer') ?? {};
    return { sdp: answer?.sdp ?? '', candidates: [...candidates, ...(mailbox.takeCandidates('p-viewer')?.candidates ?? [])] };
  } catch {
    return { sdp: '', candidates: [] };
  }
}

/** Every candidate leads to the clone's own ports, the SDP's (as browsers find them: at the start of a line) and those beside it. */
function assertWithinReach({ sdp, candidates }: { sdp: string; candidates: Candidate[] }, { addresses, portMin, portMax }: Reach): void {
  const lines = sdp.split(/[\r\n]+/).filter((line) => /^\s*a\s*=\s*candidate/i.test(line));
  for (const text of [...lines, ...candidates.map(({ candidate }) => candidate).filter(Boolean)]) {
    const [, address, port] = /^(?:a=)?candidate:\S+ \d+ udp \d+ (\S+) (\d+) typ host[^\r\n]*$/.exec(text) ?? [];
    assert.ok(addresses.includes(address ?? ''), `a browser is sent to ${text}`);
    assert.ok(Number(port) >= portMin && Number(port) <= portMax, `a browser is sent to ${text}`);
  }
}

/** A session whose guest has said hello, and has used its secret. */
async function startSaid(fake: FakeController, userId: string) {
  const id = fake.start(userId);
  const { secret } = await fake.hello(id);
  const { token } = fake.configOf(id);
  fake.sessions.live(id).guest.check(secret);
  return { id, secret, token };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test.run();
