import { suite, assert } from '#test/suite';
import { StoreFailed } from '../../src/store/errors.ts';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController, READY } from '../fakes/controller.ts';

const test = suite('session routes');
const body = { userId: 'ann', provider: 'desktop' };
const token = API_KEY;

test('start answers at once with a link that works as it is', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const reply = await ask(app, 'POST /api/auth/start', { token, body });
  assert.is(reply.status, 200);
  assert.match(reply.body.sessionId, /^s-[a-z2-7]{20}$/);
  assert.ok(['pending', 'vm_creating'].includes(reply.body.status));
  assert.is(reply.body.viewer.url, `http://oriel.test/desktop?session=${reply.body.sessionId}#token=${reply.body.viewer.token}`);
  const seen = await ask(app, `GET /api/auth/session/${reply.body.sessionId}`, { token: reply.body.viewer.token });
  assert.is(seen.status, 200);
  assert.equal(
    fake.store.audit.list(reply.body.sessionId).map(({ who, action }) => `${who} ${action}`),
    ['key:start-up start'],
  );
});

test('a start is answered when it is on the disk, and not before', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const disk = Promise.withResolvers<void>();
  const { synced } = fake.store;
  fake.store.synced = () => disk.promise.then(synced);
  let reply: Awaited<ReturnType<typeof ask>> | undefined;
  const asking = ask(app, 'POST /api/auth/start', { token, body }).then((said) => (reply = said));
  while (fake.sessions.size === 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(reply, undefined);
  disk.resolve();
  assert.is((await asking).status, 200);
});

test('a start that the disk does not take is refused, and ended', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  fake.store.synced = () => Promise.reject(new StoreFailed(fake.dir, new Error('EIO')));
  const reply = await ask(app, 'POST /api/auth/start', { token, body });
  assert.equal([reply.status, reply.body.error.code], [503, 'store_failed']);
  const [session] = fake.sessions.list(['stopped'], 9);
  assert.is(session?.reason?.code, 'store_failed');
});

test('every wrong field of a body is named, with where it is, and nothing is made', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const reply = await ask(app, 'POST /api/auth/start', { token, body: { userId: 5, provider: 'x', extra: 1 } });
  assert.is(reply.status, 400);
  assert.is(reply.body.error.code, 'invalid_request');
  const fields = reply.body.error.fields.map(({ path, message }: { path: string; message: string }) => `${path} ${message}`);
  assert.equal(fields.sort(), [
    'body/extra is unknown',
    'body/provider must be one of claude_code, codex, gemini_cli, desktop',
    'body/userId must be string',
  ]);
  assert.is(fake.sessions.size, 0);
});

test('bad bodies get 4xx with a code', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const json = { 'content-type': 'application/json' };
  for (const [payload, headers, status, code] of [
    ['{"userId"', json, 400, 'invalid_json'],
    ['', json, 400, 'invalid_json'],
    ['[]', json, 400, 'invalid_request'],
    ['null', json, 400, 'invalid_request'],
    ['userId=ann', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
    [JSON.stringify({ ...body, pad: 'x'.repeat(300_000) }), json, 413, 'body_too_large'],
  ] as const) {
    const reply = await app.inject({
      method: 'POST',
      url: '/api/auth/start',
      payload,
      headers: { ...headers, authorization: `Bearer ${token}` },
    });
    assert.is(reply.statusCode, status, payload.slice(0, 20));
    assert.is(reply.json().error.code, code, payload.slice(0, 20));
  }
  assert.is(fake.sessions.size, 0);
});

test('Idempotency-Key gives the same session, with a viewer of its own', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const headers = { 'idempotency-key': 'one' };
  const replies = await Promise.all([1, 2, 3].map(() => ask(app, 'POST /api/auth/start', { token, body, headers })));
  assert.is(new Set(replies.map((reply) => reply.body.sessionId)).size, 1);
  assert.is(new Set(replies.map((reply) => reply.body.viewer.token)).size, 3);
  const other = await ask(app, 'POST /api/auth/start', { token, body: { ...body, userId: 'bob' }, headers });
  assert.equal([other.status, other.body.error.code], [409, 'idempotency_key_reused']);
});

test('fifty starts at once with one key, over fifty connections, are one session', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/auth/start`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'one' };
  const post = () => fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const replies = await Promise.all(Array.from({ length: 50 }, post));
  const ids = await Promise.all(replies.map(async (reply) => ((await reply.json()) as { sessionId: string }).sessionId));
  assert.equal([new Set(ids).size, replies.every(({ status }) => status === 200), fake.sessions.size], [1, true, 1]);
  await app.close();
});

test('an Idempotency-Key is its owner’s: the same word of another owner’s key is another session', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const other = fake.addKey('other', ['start']);
  const headers = { 'idempotency-key': 'one' };
  const mine = await ask(app, 'POST /api/auth/start', { token, body, headers });
  const theirs = await ask(app, 'POST /api/auth/start', { token: other, body: { ...body, userId: 'bob' }, headers });
  assert.equal([mine.status, theirs.status], [200, 200]);
  assert.is.not(mine.body.sessionId, theirs.body.sessionId);
});

test('an Idempotency-Key is free again when the record of its session is gone', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const headers = { 'idempotency-key': 'one' };
  const first = await ask(app, 'POST /api/auth/start', { token, body, headers });
  await ask(app, `DELETE /api/auth/session/${first.body.sessionId}`, { token });
  assert.is((await ask(app, 'POST /api/auth/start', { token, body, headers })).body.sessionId, first.body.sessionId);
  fake.store.prune({ sessionsBefore: '2999-01-01', auditBefore: '2000-01-01', credentialsBefore: '2000-01-01' });
  assert.is.not((await ask(app, 'POST /api/auth/start', { token, body, headers })).body.sessionId, first.body.sessionId);
});

test('a full host answers 503 with Retry-After', async () => {
  await using fake = new FakeController({ ORIEL_MAX_SESSIONS: '1' });
  const app = await fake.app();
  await ask(app, 'POST /api/auth/start', { token, body });
  const reply = await ask(app, 'POST /api/auth/start', { token, body });
  assert.equal([reply.status, reply.body.error.code], [503, 'host_full']);
  assert.ok(Number(reply.headers['retry-after']) > 0);
});

test('starts of one user are limited, those of another are not', async () => {
  await using fake = new FakeController({ ORIEL_STARTS_PER_MINUTE: '2', ORIEL_MAX_SESSIONS: '10' });
  const app = await fake.app();
  const start = (userId: string) => ask(app, 'POST /api/auth/start', { token, body: { ...body, userId } });
  assert.equal([(await start('ann')).status, (await start('ann')).status], [200, 200]);
  const third = await start('ann');
  assert.equal([third.status, third.body.error.code], [429, 'too_many_requests']);
  assert.ok(Number(third.headers['retry-after']) > 0);
  assert.is((await start('bob')).status, 200);
});

test('who may do what: 401 without a token, 404 for another’s session, 403 for one who may only look', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady('ann');
  const other = await fake.startReady('bob');
  const unknown = `s-${'z'.repeat(20)}`;
  const mine = await fake.viewerToken(id);
  const looking = await fake.viewerToken(id, 'view');
  for (const [line, who, status] of [
    ['POST /api/auth/start', undefined, 401],
    ['POST /api/auth/start', 'wrong', 401],
    ['POST /api/auth/start', mine, 403],
    [`GET /api/auth/session/${id}`, undefined, 401],
    [`GET /api/auth/session/${id}`, mine, 200],
    [`GET /api/auth/session/${id}`, looking, 200],
    [`GET /api/auth/session/${other}`, mine, 404],
    [`GET /api/auth/session/${other}`, token, 200],
    [`GET /api/auth/session/${unknown}`, mine, 404],
    [`GET /api/auth/session/${unknown}`, token, 404],
    [`GET /api/auth/session/nonsense`, token, 400],
    [`GET /api/auth/session/${other}/events`, mine, 404],
    [`GET /api/auth/session/${unknown}/events`, token, 404],
    [`GET /api/auth/session/${other}/console`, mine, 404],
    [`GET /api/auth/session/${id}/console`, looking, 403],
    [`GET /api/auth/session/${id}/console/events`, undefined, 401],
    [`GET /api/auth/session/${id}/console/events`, looking, 403],
    [`GET /api/auth/session/${other}/console/events`, mine, 404],
    [`GET /api/auth/session/${unknown}/console/events`, token, 404],
    [`GET /api/auth/session/${id}/services`, looking, 200],
    [`POST /api/auth/session/${other}/heartbeat`, mine, 404],
    [`POST /api/auth/session/${id}/heartbeat`, looking, 204],
    [`GET /api/auth/session/${id}/credentials`, mine, 403],
    [`GET /api/auth/session/${id}/credentials`, token, 404],
    [`DELETE /api/auth/session/${other}`, mine, 404],
    [`DELETE /api/auth/session/${id}`, looking, 403],
    [`GET /api/webrtc/ice-servers`, undefined, 401],
    [`GET /api/webrtc/ice-servers`, looking, 200],
    [`GET /api/webrtc/session/${other}/answer`, mine, 404],
    [`DELETE /api/auth/session/${id}`, mine, 204],
  ] as const) {
    const reply = await ask(app, line, who === undefined ? {} : { token: who });
    assert.is(reply.status, status, `${line} ${who === undefined ? 'nobody' : who === token ? 'key' : who === mine ? 'mine' : who}`);
    if (status >= 400) assert.type(reply.body.error.code, 'string');
  }
  assert.is(fake.sessions.read(id).status, 'stopped');
  assert.is(fake.sessions.read(other).status, 'vm_created');
});

test('a long poll is woken by a change', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  const { updatedAt } = fake.sessions.read(id);
  const wait = ask(app, `GET /api/auth/session/${id}?wait=20&since=${encodeURIComponent(updatedAt)}`, { token });
  setTimeout(() => fake.sessions.report(fake.sessions.live(id).machine, { ...READY, marks: { terminal: 5 } }), 10);
  assert.equal((await wait).body.marks, { terminal: 5 });
});

test('unknown and wrong query fields are refused', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = fake.start();
  for (const [query, path] of [
    ['wait=soon', 'querystring/wait'],
    ['wait=1000', 'querystring/wait'],
    ['watt=1', 'querystring/watt'],
  ] as const) {
    const reply = await ask(app, `GET /api/auth/session/${id}?${query}`, { token });
    assert.equal([reply.status, reply.body.error.fields[0].path], [400, path]);
  }
  assert.is((await ask(app, `GET /api/auth/session/${id}/services?x=1`, { token })).status, 400);
  assert.is((await ask(app, `DELETE /api/auth/session/${id}?x=1`, { token })).status, 400);
});

test('events tell each version to the final one, then end', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  setTimeout(() => void fake.sessions.stop(id, 'test', { code: 'x', message: 'x' }), 10);
  const reply = await ask(app, `GET /api/auth/session/${id}/events`, { token });
  assert.match(reply.headers['content-type']!, /text\/event-stream/);
  const statuses = [...reply.body.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!).status);
  assert.is(statuses[0], 'vm_created');
  assert.is(statuses.at(-1), 'stopped');
});

test('a session that is over cannot be kept alive: 410', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  await ask(app, `DELETE /api/auth/session/${id}`, { token });
  const reply = await ask(app, `POST /api/auth/session/${id}/heartbeat`, { token });
  assert.equal([reply.status, reply.body.error.code], [410, 'session_over']);
  assert.is((await ask(app, `DELETE /api/auth/session/${id}`, { token })).status, 204);
});

test.run();
