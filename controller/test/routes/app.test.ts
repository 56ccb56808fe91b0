import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { sendBytes } from '#test/raw';
import { suite, assert } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY, FakeController } from '../fakes/controller.ts';

const test = suite('app');

test('health needs no token; what is not there is 404, a wrong method 405, all in one shape', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  assert.equal((await ask(app, 'GET /health')).body, { status: 'ok' });
  assert.is((await ask(app, 'GET /ready')).status, 200);
  for (const [line, status, code] of [
    ['GET /nothing', 404, 'not_found'],
    ['GET /api/nothing', 404, 'not_found'],
    ['GET /guest/signals', 404, 'not_found'],
    ['DELETE /health', 405, 'method_not_allowed'],
    ['PUT /api/auth/start', 405, 'method_not_allowed'],
    ['GET /assets/../../oriel.db', 404, 'not_found'],
    ['GET /%00', 404, 'not_found'],
    ['GET /%zz', 400, 'invalid_request'],
  ] as const) {
    const reply = await ask(app, line);
    assert.equal([line, reply.status, reply.body.error?.code], [line, status, code]);
  }
});

test('a request that does not come to its end is not waited for, whoever sends it', async () => {
  await using fake = new FakeController();
  const app = await fake.app(fake.dir, 200);
  const origin = await app.listen({ host: '127.0.0.1', port: 0 });
  const headers = 'host: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n';
  for (const [bytes, status] of [
    [`POST /api/auth/start HTTP/1.1\r\n${headers}\r\n{`, 401],
    [`POST /api/auth/start HTTP/1.1\r\n${headers}authorization: Bearer ${API_KEY}\r\n\r\n{`, 408],
    [`POST /api/auth/start HTTP/1.1\r\n${headers}`, 408],
  ] as const)
    assert.match(await sendBytes(origin, bytes), new RegExp(`^HTTP/1\\.1 ${status} `));
  await app.close();
  await using plain = new FakeController();
  const { server } = await plain.app();
  assert.equal([server.requestTimeout, server.headersTimeout], [30_000, 30_000]);
});

test('a controller that leaves answers, and keeps no connection for the next question', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const readConnection = async () => (await app.inject({ url: '/health' })).headers.connection;
  assert.is.not(await readConnection(), 'close');
  await fake.sessions.leave();
  assert.is(await readConnection(), 'close');
});

test('of a body with thousands of wrong fields a few are told: the reply is short', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, 0]));
  const { status, body: reply } = await ask(app, 'POST /api/auth/start', { token: API_KEY, body: { ...body, ['x'.repeat(10_000)]: 0 } });
  assert.equal([status, reply.error.fields.length], [400, 20]);
  assert.match(reply.error.message, /^20003 wrong: .*; and more$/);
  assert.ok(JSON.stringify(reply).length < 5_000);
});

test('pages and their files are served with a policy that runs our own scripts only', async () => {
  await using fake = new FakeController({ ORIEL_CORS_ORIGINS: 'https://product.example' });
  const dist = join(fake.dir, 'dist');
  mkdirSync(dist);
  for (const name of ['index.html', 'desktop.html', 'desktop.js']) writeFileSync(join(dist, name), name);
  const app = await fake.app(dist);
  const page = await ask(app, 'GET /desktop?session=s-x&provider=desktop');
  assert.equal([page.status, page.body, page.headers['cache-control']], [200, 'desktop.html', 'no-store']);
  const policy = page.headers['content-security-policy']!;
  assert.match(policy, /default-src 'none'; script-src 'self'/);
  assert.match(policy, /frame-ancestors 'self' https:\/\/product\.example/);
  assert.not.match(policy, /unsafe/);
  assert.is((await ask(app, 'GET /')).body, 'index.html');
  const old = await ask(app, 'GET /?session=s-x&provider=desktop');
  assert.equal([old.status, old.headers.location], [302, '/desktop?session=s-x&provider=desktop']);
  assert.match((await ask(app, 'GET /assets/desktop.js')).headers['content-type']!, /javascript/);
  assert.is((await ask(app, 'GET /assets/none.js')).status, 404);
});

test('only pages of allowed origins may call the API', async () => {
  await using fake = new FakeController({ ORIEL_CORS_ORIGINS: 'https://product.example' });
  const app = await fake.app();
  const preflight = (origin: string) =>
    ask(app, 'OPTIONS /api/auth/start', { headers: { origin, 'access-control-request-method': 'POST' } });
  const allowed = await preflight('https://product.example');
  assert.equal([allowed.status, allowed.headers['access-control-allow-origin']], [204, 'https://product.example']);
  assert.match(allowed.headers['access-control-allow-headers']!, /idempotency-key/);
  const refused = await preflight('https://evil.example');
  assert.is(refused.headers['access-control-allow-origin'], undefined);
  const reply = await ask(app, 'GET /api/webrtc/ice-servers', { token: API_KEY, headers: { origin: 'https://product.example' } });
  assert.equal([reply.status, reply.headers['access-control-allow-origin']], [200, 'https://product.example']);
});

test('the OpenAPI description is 3.1, names every route and holds only sound schemas', async () => {
  await using fake = new FakeController();
  const { status, body } = await ask(await fake.app(), 'GET /api/openapi.json');
  assert.is(status, 200);
  assert.match(body.openapi, /^3\.1\./);
  assert.equal(Object.keys(body.paths).sort(), [
    '/api/auth/session/{id}',
    '/api/auth/session/{id}/console',
    '/api/auth/session/{id}/console/events',
    '/api/auth/session/{id}/credentials',
    '/api/auth/session/{id}/events',
    '/api/auth/session/{id}/heartbeat',
    '/api/auth/session/{id}/login/restart',
    '/api/auth/session/{id}/screenshot',
    '/api/auth/session/{id}/services',
    '/api/auth/session/{id}/viewers',
    '/api/auth/session/{id}/viewers/renew',
    '/api/auth/session/{id}/viewers/{peer}',
    '/api/auth/start',
    '/api/events',
    '/api/host',
    '/api/providers',
    '/api/sessions',
    '/api/vnc/session/{id}',
    '/api/webrtc/ice-servers',
    '/api/webrtc/session/{id}/answer',
    '/api/webrtc/session/{id}/candidate',
    '/api/webrtc/session/{id}/candidates',
    '/api/webrtc/session/{id}/offer',
    '/health',
    '/metrics',
    '/ready',
  ]);
  assert.not.match(JSON.stringify(body), /"\$ref"/);
  const ajv = new Ajv2020({ strict: false });
  for (const schema of findSchemas(body.paths)) assert.ok(ajv.validateSchema(schema), JSON.stringify(ajv.errors));
  for (const path of Object.values<object>(body.paths))
    for (const operation of Object.values(path)) assert.ok(operation.summary && Object.keys(operation.responses).length > 0);
});

test('a mistake of ours tells the caller nothing but that', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = fake.start();
  fake.sessions.read = () => {
    throw new Error('secret thing at /root/x');
  };
  const reply = await ask(app, `GET /api/auth/session/${id}`, { token: API_KEY });
  assert.equal([reply.status, reply.body.error.code], [500, 'internal']);
  assert.not.match(JSON.stringify(reply.body), /secret/);
});

function* findSchemas(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'schema') yield inner as object;
    else yield* findSchemas(inner);
  }
}

test.run();
