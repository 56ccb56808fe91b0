import { assert, suite } from '#test/suite';
import { createClient, OrielError } from '../index.ts';

const test = suite('client');

type Sent = { method: string; url: string; headers: Record<string, string>; body: unknown };

/** A controller that gives the answers one after the other; an Error is a network that fails. */
function fakeController(...answers: ([status: number, body?: unknown] | Error)[]) {
  const sent: Sent[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const text = init.body as string | undefined;
    sent.push({ method: init.method!, url: String(url), headers: init.headers as Record<string, string>, body: text && JSON.parse(text) });
    init.signal?.throwIfAborted();
    const answer = answers.shift() ?? [500, {}];
    if (answer instanceof Error) throw answer;
    const [status, body] = answer;
    return new Response(body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { sent, client: createClient({ baseUrl: 'https://oriel.test/', token: 'tok', fetch: fetch as typeof globalThis.fetch }) };
}

const error = (code: string) => ({ error: { code, message: `it is ${code}` } });
const failure = async (promise: Promise<unknown>): Promise<OrielError> => {
  const thrown: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.instance(thrown, OrielError);
  return thrown as OrielError;
};
const ANSWER = { answer: { type: 'answer', sdp: 'v=0' }, candidates: [], offerId: 'o1' };

test('each call has its method, path, token and body', async () => {
  const { client, sent } = fakeController([200, {}], [200, {}], [204], [204], [200, {}], [200, {}], [204], [204]);
  await client.startSession({ userId: 'me', provider: 'desktop' }, { idempotencyKey: 'k' });
  await client.getSession('s-a', { since: '2026-01-01T00:00:00.000Z' });
  await client.heartbeat('s-a');
  await client.stop('s-a');
  await client.iceServers();
  await client.sendOffer('s-a', { offer: { type: 'offer', sdp: 'v=0' }, offerId: 'o1' });
  await client.sendCandidates('s-a', { candidates: [], offerId: 'o1' });
  await client.heartbeat('s-a', { quality: { path: 'vnc' } });
  assert.equal(
    sent.map(({ method, url }) => `${method} ${url.replace('https://oriel.test', '')}`),
    [
      'POST /api/auth/start',
      'GET /api/auth/session/s-a?since=2026-01-01T00%3A00%3A00.000Z&wait=25',
      'POST /api/auth/session/s-a/heartbeat',
      'DELETE /api/auth/session/s-a',
      'GET /api/webrtc/ice-servers',
      'POST /api/webrtc/session/s-a/offer',
      'POST /api/webrtc/session/s-a/candidate',
      'POST /api/auth/session/s-a/heartbeat',
    ],
  );
  assert.equal(sent[0]!.headers, { authorization: 'Bearer tok', 'content-type': 'application/json', 'idempotency-key': 'k' });
  assert.equal(sent[0]!.body, { userId: 'me', provider: 'desktop' });
  assert.equal(sent[2]!.headers, { authorization: 'Bearer tok' });
  assert.equal(sent[7]!.body, { quality: { path: 'vnc' } });
});

test('viewers are issued, listed, revoked and renewed; a token that is replaced is used from the next call on', async () => {
  const sent: string[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const { authorization } = init.headers as Record<string, string>;
    sent.push(`${init.method} ${String(url)} ${String(init.body ?? '')} ${authorization}`.replace(/ +/g, ' '));
    return new Response('{}');
  };
  let token = 'one';
  const client = createClient({ token: () => token, fetch: fetch as typeof globalThis.fetch });
  await client.issueViewer('s-a', 'view');
  await client.listViewers('s-a');
  token = 'two';
  await client.revokeViewer('s-a', 'p-a');
  await client.renewViewer('s-a');
  assert.equal(sent, [
    'POST /api/auth/session/s-a/viewers {"role":"view"} Bearer one',
    'GET /api/auth/session/s-a/viewers Bearer one',
    'DELETE /api/auth/session/s-a/viewers/p-a Bearer two',
    'POST /api/auth/session/s-a/viewers/renew Bearer two',
  ]);
});

test('a goodbye outlives the page that says it', async () => {
  const calls: [string, RequestInit | undefined][] = [];
  const fetch = async (url: string | URL | Request, init?: RequestInit) => (
    calls.push([String(url), init]),
    new Response(null, { status: 204 })
  );
  const client = createClient({ token: 'tok', fetch: fetch as typeof globalThis.fetch });
  await client.sendBye('s-a', 'o1');
  await client.heartbeat('s-a');
  assert.equal(
    calls.map(([url, init]) => [init?.method, url, init?.keepalive]),
    [
      ['DELETE', '/api/webrtc/session/s-a/offer?offerId=o1', true],
      ['POST', '/api/auth/session/s-a/heartbeat', false],
    ],
  );
});

test('a refusal is an OrielError with the controller’s code, words and fields', async () => {
  const fields = [{ path: '/userId', message: 'must be string' }];
  const { client, sent } = fakeController([400, { error: { code: 'invalid_body', message: 'wrong', fields } }]);
  const thrown = await failure(client.startSession({ userId: 'me', provider: 'desktop' }));
  assert.equal(
    [thrown.status, thrown.code, thrown.message, thrown.fields, thrown.isTransient],
    [400, 'invalid_body', 'wrong', fields, false],
  );
  assert.is(sent.length, 1);
});

test('an answer that is not the controller’s is named by its status', async () => {
  const thrown = await failure(fakeController([403, '<html>']).client.getSession('s-a'));
  assert.equal([thrown.status, thrown.code], [403, 'http_403']);
  assert.is((await failure(fakeController([200, '<html>']).client.getSession('s-a'))).code, 'not_json');
});

test('what can be sent twice is tried again when the network fails', async () => {
  const { client, sent } = fakeController(new TypeError('failed'), [503, {}], [200, { sessionId: 's-a' }]);
  assert.equal(await client.getSession('s-a'), { sessionId: 's-a' } as never);
  assert.is(sent.length, 3);
});

test('after four tries it is given up, with the cause', async () => {
  const cause = new TypeError('failed');
  const { client, sent } = fakeController(cause, cause, cause, cause, [200, {}]);
  const thrown = await failure(client.heartbeat('s-a'));
  assert.equal([thrown.status, thrown.code, thrown.isTransient, sent.length], [0, 'unreachable', true, 4]);
  assert.is(thrown.cause, cause);
});

test('a start with a key is repeated for as long as a controller takes to hand over to the next; one that is full is not waited for', async () => {
  const cause = new TypeError('failed');
  const away = Array.from({ length: 4 }, () => cause);
  const { client, sent } = fakeController(...away, [503, error('closing')], [200, {}]);
  const start = (from: typeof client) => from.startSession({ userId: 'me', provider: 'desktop' }, { idempotencyKey: 'k' });
  await start(client);
  assert.is(sent.length, 6);
  const full = fakeController(...Array.from({ length: 9 }, () => [503, error('host_full')] as [number, unknown]));
  await failure(start(full.client));
  assert.is(full.sent.length, 4);
});

test('an offer, and a start without a key, are sent once', async () => {
  for (const call of ['offer', 'start']) {
    const { client, sent } = fakeController(new TypeError('failed'), [200, {}]);
    const offer = { offer: { type: 'offer' as const, sdp: 'v=0' } };
    await failure(call === 'offer' ? client.sendOffer('s-a', offer) : client.startSession({ userId: 'me', provider: 'desktop' }));
    assert.is(sent.length, 1);
  }
});

test('an answer is waited for while it is pending', async () => {
  const { client, sent } = fakeController([404, error('answer_pending')], [200, ANSWER]);
  assert.equal(await client.waitForAnswer('s-a', 'o1'), ANSWER as never);
  assert.equal(
    sent.map(({ url }) => url),
    Array(2).fill('https://oriel.test/api/webrtc/session/s-a/answer?offerId=o1&wait=25'),
  );
});

test('a server that does not hold the question is not asked all the time', async () => {
  const { client, sent } = fakeController(...Array<[number, unknown]>(50).fill([404, error('answer_pending')]));
  await failure(
    client.waitForAnswer('s-a', 'o1', { signal: AbortSignal.timeout(600) }).catch((reason: unknown) => {
      throw reason instanceof OrielError ? reason : new OrielError(0, 'unreachable', '');
    }),
  );
  assert.ok(sent.length <= 4, `${sent.length}`);
});

test('an offer that was replaced, a session that is gone and a failing network end the wait', async () => {
  assert.is((await failure(fakeController([404, error('offer_unknown')]).client.waitForAnswer('s-a', 'o1'))).code, 'offer_unknown');
  assert.is((await failure(fakeController([404, error('session_not_found')]).client.waitForAnswer('s-a', 'o1'))).code, 'session_not_found');
  assert.is((await failure(fakeController(new TypeError('failed')).client.waitForAnswer('s-a', 'o1'))).code, 'unreachable');
});

test('candidates are waited for until there is one', async () => {
  const candidates = [{ candidate: 'candidate:1' }];
  const { client } = fakeController([200, { candidates: [], offerId: 'o1' }], [200, { candidates, offerId: 'o1' }]);
  assert.equal(await client.waitForCandidates('s-a', 'o1'), { candidates, offerId: 'o1' });
});

test('an aborted call throws the signal’s reason, and nothing is sent again', async () => {
  const { client, sent } = fakeController([200, {}]);
  const reason = new Error('enough');
  const thrown = await client.getSession('s-a', { signal: AbortSignal.abort(reason) }).catch((caught: unknown) => caught);
  assert.is(thrown, reason);
  assert.is(sent.length, 1);
});

test.run();
