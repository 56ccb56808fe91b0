import { suite, assert } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

const test = suite('owners');
const body = { userId: 'ann', provider: 'desktop' };

async function setUp(fake: FakeController) {
  const app = await fake.app();
  const [one, two] = ['one', 'two'].map((owner) => fake.addKey(owner, ['start', 'read', 'control', 'credentials'])) as [string, string];
  const start = async (token: string) => (await ask(app, 'POST /api/auth/start', { token, body })).body.sessionId as string;
  return { app, one, two, start, operator: fake.addKey('host', ['operate']) };
}

test('another owner’s session is there for none of its routes: the answer is that of one that does not exist, to the letter', async () => {
  await using fake = new FakeController();
  const { app, one, two, start } = await setUp(fake);
  const mine = await start(one);
  const nowhere = `s-${'z'.repeat(20)}`;
  for (const line of [
    'GET /api/auth/session/ID',
    'DELETE /api/auth/session/ID',
    'POST /api/auth/session/ID/heartbeat',
    'GET /api/auth/session/ID/console',
    'GET /api/auth/session/ID/events',
    'GET /api/auth/session/ID/credentials',
    'POST /api/auth/session/ID/viewers',
    'DELETE /api/webrtc/session/ID/offer?offerId=x',
    'GET /api/vnc/session/ID',
  ]) {
    const [foreign, none] = await Promise.all([mine, nowhere].map((id) => ask(app, line.replace('ID', id), { token: two })));
    assert.is(foreign!.status, 404, line);
    assert.is(JSON.stringify(foreign!.body).replaceAll(mine, nowhere), JSON.stringify(none!.body), line);
  }
  assert.is((await ask(app, `GET /api/auth/session/${mine}`, { token: one })).status, 200);
});

test('a list has the owner’s own sessions, an operator’s those of all', async () => {
  await using fake = new FakeController();
  const { app, one, two, start, operator } = await setUp(fake);
  const [mine, theirs] = [await start(one), await start(two)];
  const list = async (token: string) =>
    ((await ask(app, 'GET /api/sessions?status=all', { token })).body.sessions as { sessionId: string }[]).map(
      ({ sessionId }) => sessionId,
    );
  assert.equal([await list(one), await list(two)], [[mine], [theirs]]);
  assert.equal((await list(operator)).sort(), [mine, theirs].sort());
});

test('an operator reads and ends any session, and each of these is in the audit; credentials he gets of none', async () => {
  await using fake = new FakeController();
  const { app, one, start, operator } = await setUp(fake);
  const id = await start(one);
  await ask(app, `GET /api/auth/session/${id}/console`, { token: operator });
  assert.is((await ask(app, `GET /api/auth/session/${id}/credentials`, { token: operator })).status, 403);
  assert.is((await ask(app, `GET /api/auth/session/${id}/credentials`, { token: API_KEY })).status, 404, 'not even the start-up key');
  await ask(app, `GET /api/auth/session/${id}/credentials`, { token: one });
  assert.is((await ask(app, `DELETE /api/auth/session/${id}`, { token: operator })).status, 204);
  const rows = fake.store.audit.list(id).map(({ who, action }) => `${who} ${action}`);
  const [its, his] = ['key:k-one-start-read-control-credentials', 'key:k-host-operate'];
  assert.equal(rows.sort(), [`${his} console`, `${his} stop`, `${its} credentials read`, `${its} start`]);
});

test('the same user of two owners is two users; each has so many sessions at a time, and then 429 with Retry-After', async () => {
  await using fake = new FakeController({ ORIEL_MAX_SESSIONS_PER_USER: '2', ORIEL_MAX_SESSIONS: '10' });
  const { app, one, two, start } = await setUp(fake);
  const first = await start(one);
  await start(one);
  const third = await ask(app, 'POST /api/auth/start', { token: one, body });
  assert.equal([third.status, third.body.error.code, third.headers['retry-after']], [429, 'user_full', '15']);
  assert.ok(await start(two));
  assert.is((await ask(app, 'POST /api/auth/start', { token: one, body: { ...body, userId: 'bob' } })).status, 200);
  await ask(app, `DELETE /api/auth/session/${first}`, { token: one });
  assert.ok(await start(one));
});

test('a repeated start gives the session that there is, however many there are', async () => {
  await using fake = new FakeController({ ORIEL_MAX_SESSIONS_PER_USER: '1' });
  const { app, one } = await setUp(fake);
  const headers = { 'idempotency-key': 'x' };
  const replies = [1, 2].map(() => ask(app, 'POST /api/auth/start', { token: one, body, headers }));
  assert.equal(
    (await Promise.all(replies)).map(({ status }) => status),
    [200, 200],
  );
});

test.run();
