import { isDeepStrictEqual } from 'node:util';
import { Ajv } from 'ajv';
import { fc, fuzz } from '#test/fuzz';
import type { Schema } from '#test/fuzz-values';
import { mutate } from '#test/sdp-mutations';
import { assert, suite } from '#test/suite';
import { toOffer } from '../../../guest/test/fakes/offer.ts';
import { ACCESS, CALLERS, TARGETS, toRefusal, type Target } from './callers.ts';
import { FuzzedController, type Answer } from './fuzzed-controller.ts';
import { toOperations, toQuestions, type Question } from './operations.ts';

const test = suite('fuzzed routes', { timeoutMs: 600_000 });

/** A plain desktop gives no credentials and has no login, and the WebSocket is no page. */
const NEVER_OK = ['GET /api/auth/session/{id}/credentials', 'POST /api/auth/session/{id}/login/restart', 'GET /api/vnc/session/{id}'];
/** A host that has no room for one more may say so, to whoever asks for it. */
const FULL = ['host_full', 'host_disk_full', 'host_no_descriptors'];

/** What leaves a trace in the database, or for a guest. */
const CHANGING = [
  'DELETE /api/auth/session/{id}',
  'POST /api/auth/start',
  'POST /api/auth/session/{id}/viewers',
  'POST /api/webrtc/session/{id}/candidate',
  'POST /api/webrtc/session/{id}/offer',
];

const sdps = [toOffer(), toOffer('7'), ...mutate(toOffer()).map(({ sdp }) => sdp)];
const samples = {
  sdp: fc.oneof({ weight: 2, arbitrary: fc.constant(toOffer()) }, { weight: 1, arbitrary: fc.constantFrom(...sdps) }),
  // Few, so that many are of an offer that is there.
  offerId: fc.constantFrom('o1', 'o1', 'o1', 'o2'),
  candidate: fc.oneof(fc.constant('candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host'), fc.string({ maxLength: 1100 })),
  // Nobody waits for seconds here; fractions of milliseconds are as good as any.
  wait: fc.oneof(
    fc.constantFrom(0, 1e-7, 0.0015, 50.1, -1, 'x', '', '1e-3', '0x0', 'NaN', 'Infinity', '1e999'),
    fc.double({ min: 0, max: 0.002 }),
  ),
  since: fc.string({ maxLength: 45 }),
};

test('no request makes a mistake of ours; what a caller may not is refused as promised, and changes nothing', async () => {
  await using controller = await FuzzedController.start();
  const operations = toOperations(controller.app.swagger());
  assert.equal(operations.map(({ name }) => name).sort(), Object.keys(ACCESS).sort(), 'each route says here who may');
  const bodies = new Map(operations.map(({ name, body }) => [name, body]));
  const cases = fc.record({
    question: fc.oneof(...operations.map((operation) => toQuestions(operation, samples))),
    caller: fc.oneof(fc.constantFrom(...CALLERS), fc.constantFrom(...CALLERS.filter(({ as }) => as !== 'nobody'))).map(({ name }) => name),
    target: fc.oneof({ weight: 2, arbitrary: fc.constant<Target>('mine') }, { weight: 3, arbitrary: fc.constantFrom(...TARGETS) }),
    junk: fc.nat(20),
  });
  const seen = new Map<string, Set<number>>();
  const came = new Map<string, Came>();
  controller.answerOffers();
  const changed = new Set<string>();

  const count = await fuzz(cases, 3_000, async ({ question, caller: who, target, junk }) => {
    const caller = CALLERS.find(({ name }) => name === who)!;
    const access = ACCESS[question.name]!;
    const asked = question.name.includes('{id}') ? target : undefined;
    const refusal = toRefusal(access, caller, asked);
    const before = controller.state();
    const answer = await controller.ask(question, caller, target, junk);
    note(seen, question, answer.status);
    if (access !== 'public') noteCaller(came, who, refusal === undefined);
    check(question, answer);
    if (refusal === undefined) {
      assert.ok(![401, 403].includes(answer.status), `${caller.name} got ${answer.status}: ${answer.text}`);
      if (!isFitting(bodies.get(question.name), question))
        assert.ok([400, 413, 415, 429].includes(answer.status), `${answer.status} for what fits no schema`);
      if (!isDeepStrictEqual(controller.state(), before)) changed.add(question.name);
      await controller.settle();
      return controller.answerOffers();
    }
    // Of an address that is none, that is told first.
    if (asked !== 'junk') assert.is(answer.status, refusal, `${caller.name}: ${answer.text}`);
    assert.ok(answer.status >= 400, `${caller.name} got ${answer.status}`);
    assert.equal(controller.state(), before, `${caller.name}, who may not, changed something`);
  });

  assert.ok(count >= 3_000);
  for (const { name, as } of CALLERS) {
    assert.ok(came.get(name)!.refused > 0, `${name}: never refused`);
    if (as !== 'nobody' && name !== 'a key without a scope') assert.ok(came.get(name)!.letIn > 0, `${name}: never let in`);
  }
  for (const name of CHANGING) assert.ok(changed.has(name), `${name}: what it changes is seen`);
  for (const { name } of operations) {
    const statuses = [...seen.get(name)!].sort();
    assert.ok(NEVER_OK.includes(name) || statuses.some((status) => status < 300), `${name}: never done, ${statuses.join(', ')}`);
    if (ACCESS[name] !== 'public') assert.ok(statuses.includes(401), `${name}: never refused`);
  }
});

/** What holds of every reply. */
function check({ name }: Question, { status, text, headers }: Answer): void {
  assert.ok(headers['x-content-type-options'] === 'nosniff' && headers['content-security-policy'], 'the security headers');
  if (status < 400) return;
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  assert.match(error.code, /^[a-z_]+$/);
  assert.ok(error.message.length > 0 && error.message.length < 4_000, `a message of ${error.message.length}`);
  if (status >= 500) assert.ok(status === 503 && name === 'POST /api/auth/start' && FULL.includes(error.code), `${status}: ${text}`);
}

const ajv = new Ajv({ strict: false });

/** False for a body that its schema does not take. */
function isFitting(body: Schema | undefined, { payload, headers }: Question): boolean {
  if (!body || headers['content-type'] !== 'application/json') return true;
  try {
    // A byte order mark may be ignored (RFC 8259, 8.1), and is.
    const value: unknown = JSON.parse((payload ?? '').replace(/^\ufeff/, ''));
    return value === null || ajv.validate(body, value);
  } catch {
    return payload === '';
  }
}

function note(seen: Map<string, Set<number>>, { name }: Question, status: number): void {
  seen.set(name, (seen.get(name) ?? new Set()).add(status));
}

/** How often a caller asked for what it may not, and for what it may. */
interface Came {
  refused: number;
  letIn: number;
}

function noteCaller(came: Map<string, Came>, who: string, isLetIn: boolean): void {
  const { refused, letIn } = came.get(who) ?? { refused: 0, letIn: 0 };
  came.set(who, isLetIn ? { refused, letIn: letIn + 1 } : { refused: refused + 1, letIn });
}

test.run();
