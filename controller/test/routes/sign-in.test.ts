import { createServer, type AddressInfo } from 'node:net';
import { suite, assert } from '#test/suite';
import { buildGuestApp } from '../../src/guest-app.ts';
import { API_KEY, eventually, FakeController, log, READY } from '../fakes/controller.ts';
import { ask } from '../fakes/ask.ts';

const test = suite('sign-in by API');
const token = API_KEY;
const FILES = { files: [{ path: '.codex/auth.json', content: '{"tokens":{}}' }] };

/** A session of this provider whose guest can be spoken for; `guest(line, body)` comes in on its listener. */
async function begin(fake: FakeController, body: { userId: string; provider: string; restore?: boolean }) {
  const port = await freePort();
  const { sessionId } = fake.sessions.start(body);
  const { secret } = await fake.hello(sessionId);
  const { sessions, signIns, metrics } = fake;
  const app = await buildGuestApp({ sessions, signIns, publicAddresses: [], metrics, log });
  const close = await app.listen(fake.sessions.live(sessionId).slot, { host: '127.0.0.1', port });
  const guest = async (line: string, sent?: unknown, bearer = secret) => {
    const [method, path] = line.split(' ') as [string, string];
    const headers = { authorization: `Bearer ${bearer}`, ...(sent !== undefined && { 'content-type': 'application/json' }) };
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    });
    const text = await reply.text();
    return { status: reply.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  const ready = async () => {
    fake.sessions.report(fake.sessions.live(sessionId).machine, READY);
    await fake.until(sessionId, 'vm_created');
  };
  return { sessionId, secret, guest, ready, close };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a guest is told what to do when its desktop can be viewed; what it signs in to is kept once, and the session completed', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const { sessionId, guest, ready, close } = await begin(fake, { userId: 'ann', provider: 'codex' });
  assert.is((await guest('GET /guest/job')).status, 204);
  const waiting = guest('GET /guest/job?wait=20');
  await ready();
  const job = await waiting;
  assert.equal([job.body.provider.id, job.body.restore, job.body.provider.credentials[0].schema.required], ['codex', false, ['tokens']]);
  assert.is((await guest('GET /guest/credentials')).status, 404, 'none was asked for');
  assert.is((await guest('POST /guest/sign-in', { state: 'started' })).status, 204);
  assert.is(fake.sessions.read(sessionId).status, 'authenticating');
  assert.is((await guest('POST /guest/credentials', FILES, 'x'.repeat(43))).status, 401);
  assert.is(
    (await guest('POST /guest/credentials', { files: [{ path: '.bashrc', content: '{}' }] })).body.error.code,
    'credentials_malformed',
  );
  assert.is((await guest('POST /guest/credentials', FILES)).status, 204);
  assert.is((await guest('POST /guest/credentials', { files: [{ path: '.codex/auth.json', content: '{"second":1}' }] })).status, 204);
  assert.is((await guest('POST /guest/wiped', {})).status, 204);
  const { reason } = await fake.until(sessionId, 'completed');
  assert.is(reason?.code, 'signed_in');

  const line = `GET /api/auth/session/${sessionId}/credentials`;
  const read = await ask(app, line, { token });
  assert.equal([read.status, read.body.files, read.body.userId, read.headers['cache-control']], [200, FILES.files, 'ann', 'no-store']);
  assert.is((await ask(app, line, { token: await fake.viewerToken(sessionId) })).status, 403, 'a viewer');
  assert.is((await ask(app, line, {})).status, 401);
  const actions = fake.store.audit.list(sessionId).map(({ who, action }) => `${who} ${action}`);
  assert.equal(actions, ['guest credentials stored', 'key:start-up credentials read']);
  await close();
});

test('said by two at once, credentials are kept once, and both are told that they are', async () => {
  await using fake = new FakeController();
  const { sessionId, guest, ready, close } = await begin(fake, { userId: 'ann', provider: 'codex' });
  await ready();
  const other = { files: [{ path: '.codex/auth.json', content: '{"second":1}' }] };
  const replies = await Promise.all([FILES, other, FILES].map((files) => guest('POST /guest/credentials', files)));
  assert.equal(
    replies.map(({ status }) => status),
    [204, 204, 204],
  );
  assert.is(fake.store.audit.list(sessionId).filter(({ action }) => action === 'credentials stored').length, 1);
  await close();
});

test('what is too much for credentials is refused, and nothing of it is kept; as much as may be is', async () => {
  await using fake = new FakeController();
  const { sessionId, guest, ready, close } = await begin(fake, { userId: 'ann', provider: 'codex' });
  await ready();
  const send = (bytes: number) => guest('POST /guest/credentials', { files: [{ path: '.codex/auth.json', content: 'x'.repeat(bytes) }] });
  assert.equal([(await send(300_000)).status, (await send(65_537)).status, fake.vault.has(sessionId)], [413, 400, false]);
  assert.equal([(await send(65_536)).status, fake.vault.has(sessionId)], [204, true]);
  await close();
});

test('a guest’s secret is none at another’s endpoint: neither gives back, hears nor keeps anything for it', async () => {
  await using fake = new FakeController();
  const ann = await begin(fake, { userId: 'ann', provider: 'codex' });
  const bob = await begin(fake, { userId: 'bob', provider: 'codex' });
  await ann.ready();
  await bob.ready();
  const lines: [string, unknown?][] = [
    ['GET /guest/job'],
    ['GET /guest/credentials'],
    ['POST /guest/sign-in', { state: 'started' }],
    ['POST /guest/credentials', FILES],
    ['POST /guest/wiped', {}],
  ];
  for (const [line, body] of lines) assert.is((await ann.guest(line, body, bob.secret)).status, 401, line);
  assert.equal([fake.sessions.read(ann.sessionId).status, fake.vault.has(ann.sessionId)], ['vm_created', false]);
  for (const [line, body] of lines) assert.is.not((await bob.guest(line, body, bob.secret)).status, 401, line);
  assert.equal([fake.vault.has(ann.sessionId), fake.vault.has(bob.sessionId)], [false, true]);
  await ann.close();
  await bob.close();
});

test('a guest that does not say that it has wiped them is not waited for', async () => {
  await using fake = new FakeController();
  const { sessionId, guest, ready, close } = await begin(fake, { userId: 'ann', provider: 'codex' });
  await ready();
  await guest('POST /guest/credentials', FILES);
  assert.is(fake.sessions.read(sessionId).status, 'authenticating');
  await fake.until(sessionId, 'completed');
  await close();
});

test('a sign-in that failed fails its session with the guest’s words, and nothing is kept', async () => {
  await using fake = new FakeController();
  const { sessionId, guest, ready, close } = await begin(fake, { userId: 'ann', provider: 'codex' });
  await ready();
  await guest('POST /guest/sign-in', { state: 'failed', code: 'login_denied', message: 'no\x1b[1m\nlast line' });
  const { reason } = await fake.until(sessionId, 'failed');
  assert.equal(reason, { code: 'login_denied', message: 'no [1m\nlast line' });
  assert.is(fake.vault.has(sessionId), false);
  await close();
});

test('a controller that ended before it completed a session whose credentials are kept leaves that to the next one', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  fake.sessions.signsIn(id);
  fake.vault.keep(fake.sessions.read(id), FILES);
  await using next = await fake.crash();
  await next.sessions.resume();
  next.signIns.resume();
  await next.until(id, 'completed');
});

test('what is given back is what the user has signed in to before; without any, a start is refused', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const body = { userId: 'ann', provider: 'codex', restore: true };
  const refused = await ask(app, 'POST /api/auth/start', { token, body });
  assert.equal([refused.status, refused.body.error.code], [409, 'nothing_to_restore']);
  const before = await fake.startReady('ann');
  fake.vault.keep({ ...fake.sessions.read(before), provider: 'codex' }, FILES);
  const { sessionId, guest, ready, close } = await begin(fake, body);
  assert.is(fake.sessions.read(sessionId).restore, true);
  await ready();
  assert.is((await guest('GET /guest/job')).body.restore, true);
  assert.equal((await guest('GET /guest/credentials')).body, FILES);
  await close();
});

test('providers are listed; a session for one that there is not is refused with those that there are', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const { body } = await ask(app, 'GET /api/providers', { token });
  assert.equal(
    body.providers.map(({ id, hasLogin }: { id: string; hasLogin: boolean }) => [id, hasLogin]),
    [
      ['claude_code', true],
      ['codex', true],
      ['gemini_cli', true],
      ['desktop', false],
    ],
  );
  const refused = await ask(app, 'POST /api/auth/start', { token, body: { userId: 'ann', provider: 'other' } });
  assert.is(refused.status, 400);
  assert.match(JSON.stringify(refused.body), /provider.*claude_code.*desktop/);
});

test('a page that nobody looks at any more in the midst of a sign-in means that the person has left', async () => {
  await using fake = new FakeController({ ORIEL_HEARTBEAT_TIMEOUT_SECONDS: '0.3' });
  const { sessionId, ready, close } = await begin(fake, { userId: 'ann', provider: 'codex' });
  await ready();
  fake.sessions.signsIn(sessionId);
  const { reason } = await eventually(() => {
    const session = fake.sessions.read(sessionId);
    return session.status === 'expired' ? session : undefined;
  });
  assert.is(reason?.code, 'user_left');
  await close();
});

test.run();
