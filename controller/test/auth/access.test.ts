import { suite, assert } from '#test/suite';
import { SCOPES, type Scope } from '../../src/auth/access.ts';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

/*
 * Every route of the OpenAPI description, with each kind of token. Who may call what is written down here a second time, on purpose: a route
 * that is not in this table fails, and so does one whose declaration was changed without it.
 */
const ROUTES: Record<string, 'public' | [Scope | undefined, ('view' | 'control')?]> = {
  'GET /health': 'public',
  'GET /ready': 'public',
  'GET /metrics': 'public',
  'POST /api/auth/start': ['start'],
  'GET /api/auth/session/{id}': ['read', 'view'],
  'DELETE /api/auth/session/{id}': ['control', 'control'],
  'GET /api/auth/session/{id}/events': ['read', 'view'],
  'POST /api/auth/session/{id}/heartbeat': ['control', 'view'],
  'GET /api/auth/session/{id}/credentials': ['credentials'],
  'GET /api/auth/session/{id}/services': ['read', 'view'],
  'GET /api/auth/session/{id}/console': ['read', 'control'],
  'GET /api/auth/session/{id}/console/events': ['read', 'control'],
  'GET /api/auth/session/{id}/screenshot': ['control', 'view'],
  'POST /api/auth/session/{id}/viewers': ['control'],
  'GET /api/auth/session/{id}/viewers': ['read'],
  'DELETE /api/auth/session/{id}/viewers/{peer}': ['control'],
  'POST /api/auth/session/{id}/viewers/renew': [undefined, 'view'],
  'POST /api/auth/session/{id}/login/restart': ['control', 'control'],
  'GET /api/providers': ['start', 'view'],
  'GET /api/webrtc/ice-servers': ['read', 'view'],
  'POST /api/webrtc/session/{id}/offer': ['control', 'view'],
  'GET /api/webrtc/session/{id}/offer': ['control', 'view'],
  'DELETE /api/webrtc/session/{id}/offer': ['control', 'view'],
  'GET /api/webrtc/session/{id}/answer': ['control', 'view'],
  'POST /api/webrtc/session/{id}/candidate': ['control', 'view'],
  'GET /api/webrtc/session/{id}/candidates': ['control', 'view'],
  'GET /api/vnc/session/{id}': ['control', 'control'],
  'GET /api/sessions': ['read'],
  'GET /api/events': ['operate'],
  'GET /api/host': ['operate'],
};

const test = suite('who may call what');

test('the description tells of every route who may call it, and of none that is not in this table', async () => {
  await using fake = new FakeController();
  const { body } = await ask(await fake.app(), 'GET /api/openapi.json');
  const told = Object.entries(body.paths as Record<string, Record<string, { security?: object[] }>>).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, security]),
  );
  const expected = Object.entries(ROUTES).map(([line, who]) => [line, toSecurity(who)]);
  assert.equal(Object.fromEntries(told), Object.fromEntries(expected));
  assert.equal(Object.keys(body.components.securitySchemes), ['key', 'viewer']);
});

test('a route that does not say who may call it keeps the app from starting', async () => {
  await using fake = new FakeController();
  const { guardRoutes } = await import('../../src/auth/guard.ts');
  const { fastify } = await import('fastify');
  const { doors, keys, viewers, sessions } = fake;
  const { AuthFailures } = await import('../../src/auth/failures.ts');
  const app = fastify();
  guardRoutes(app, { doors, keys, viewers, sessions, failures: new AuthFailures(1) });
  app.get('/said', { config: { access: 'public' } }, async () => 'x');
  assert.throws(() => app.get('/unsaid', async () => 'x'), /GET \/unsaid does not say who may call it/);
});

test('each route answers nobody, a wrong token, and each key and viewer that may not, before it does anything', async () => {
  await using fake = new FakeController({ ORIEL_AUTH_FAILURES_PER_MINUTE: '1000' });
  const app = await fake.app();
  const id = await fake.startReady();
  const other = await fake.startReady('bob');
  const tokens = {
    nobody: undefined,
    wrong: `oriel_key_${'w'.repeat(43)}`,
    'old key': fake.addKey('local', SCOPES, { id: 'k-old', expiresAt: '2020-01-01T00:00:00.000Z' }),
    'other owner': fake.addKey('stranger', ['start', 'read', 'control', 'credentials']),
    'without scopes': fake.addKey('local', []),
    'viewer elsewhere': await fake.viewerToken(other),
    'old viewer': (await fake.viewerTokens.sign({ sessionId: id, peerId: 'p-old', role: 'control' }, -1000)).token,
  };
  const before = JSON.stringify([fake.sessions.read(id), fake.sessions.size]);
  for (const [line, who] of Object.entries(ROUTES)) {
    if (who === 'public') continue;
    const path = line.replace('{id}', id).replace('{peer}', 'p-aaaaaaaaaaaa');
    for (const [whose, token] of Object.entries(tokens)) {
      // What has no session in it, a stranger may call for his own.
      if (whose === 'other owner' && !line.includes('{id}')) continue;
      const { status, body } = await ask(app, path, token === undefined ? {} : { token });
      const allowed = toRefused(whose, who, line);
      assert.ok(allowed.includes(status), `${line} by ${whose}: ${status} ${JSON.stringify(body)}, and not ${allowed.join(' or ')}`);
    }
  }
  assert.is(JSON.stringify([fake.sessions.read(id), fake.sessions.size]), before);
  assert.equal(fake.store.viewers.list(id), []);
  // The positive control: with the right token the same walk does not end at the door.
  for (const line of ['GET /api/auth/session/{id}', 'GET /api/auth/session/{id}/viewers', 'GET /api/host'])
    assert.is((await ask(app, line.replace('{id}', id), { token: API_KEY })).status, 200);
});

for (const [line, who] of Object.entries(ROUTES)) {
  if (who === 'public' || !who[0]) continue;
  test(`${line} takes a key with the scope ${who[0]}, and with no other`, async () => {
    await using fake = new FakeController();
    const app = await fake.app();
    const id = await fake.startReady();
    const refused: string[] = [];
    for (const scope of SCOPES) {
      // A question that its schema refuses has passed the door; a stream of events would not end.
      const path = `${line.replace('{id}', id).replace('{peer}', 'p-aaaaaaaaaaaa')}?nonsense=1`;
      const { body } = await ask(app, path, { token: fake.addKey('local', [scope]) });
      if (body.error?.code === 'scope_needed') refused.push(scope);
      else assert.is.not(body.error?.code, undefined, `${line}: ${JSON.stringify(body)}`);
    }
    const isOperators = who[0] === 'read' || who[0] === 'control';
    assert.equal(
      refused,
      SCOPES.filter((scope) => scope !== who[0] && !(isOperators && scope === 'operate')),
    );
  });
}

test.run();

function toSecurity(who: (typeof ROUTES)[string]): object[] {
  if (who === 'public') return [];
  const [scope, viewer] = who;
  return [...(scope ? [{ key: [scope] }] : []), ...(viewer ? [{ viewer: [viewer] }] : [])];
}

function toRefused(whose: string, who: (typeof ROUTES)[string], line: string): number[] {
  const [scope, viewer] = who as [Scope | undefined, string | undefined];
  if (whose === 'without scopes') return [403];
  if (whose === 'other owner') return scope ? [404] : [403];
  if (whose !== 'viewer elsewhere') return [401];
  if (!viewer) return [403];
  return line.includes('{id}') ? [404] : [200];
}
