import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { newOrielError, type OrielClient } from '../../../controller/client/index.ts';
import { buildApp } from '../server/app.ts';
import { toSettings } from '../server/settings.ts';

const test = suite('example back end');

const USER = 'user=00000000-0000-4000-8000-000000000000';
const STARTED = {
  sessionId: 's-a',
  status: 'pending',
  viewer: { url: 'u', token: 'viewers', peerId: 'p', role: 'control', expiresAt: '' },
};

/** The back end at a controller of which only this is known. */
async function withApp(oriel: Partial<OrielClient>) {
  const pageDir = mkdtempSync(join(tmpdir(), 'oriel-example-'));
  writeFileSync(join(pageDir, 'index.html'), '<meta content="{{oriel}}">');
  const app = await buildApp({ oriel: oriel as OrielClient, orielUrl: 'https://oriel.test', pageDir });
  const start = (headers: Record<string, string> = { cookie: USER }) =>
    app.inject({ method: 'POST', url: '/api/sign-ins', headers, payload: { provider: 'codex' } });
  return {
    app,
    start,
    async [Symbol.asyncDispose]() {
      await app.close();
      rmSync(pageDir, { recursive: true });
    },
  };
}

test('a page gets a viewer’s token and names of files, of its own user’s sign-in alone', async () => {
  await using product = await withApp({
    startSession: async () => STARTED as never,
    waitForEnd: async () => ({}) as never,
    getCredentials: async () => ({ provider: 'codex', files: [{ path: '.codex/auth.json', content: '{"t":"secret"}' }] }) as never,
  });
  const started = await product.start();
  assert.equal([started.statusCode, started.json()], [200, { sessionId: 's-a', viewer: { token: 'viewers' } }]);
  const read = (cookie: string) => product.app.inject({ url: '/api/sign-ins/s-a', headers: { cookie } });
  const kept = await read(USER);
  assert.equal([kept.statusCode, kept.json()], [200, { provider: 'codex', files: [{ path: '.codex/auth.json', bytes: 14 }] }]);
  assert.is((await read(USER.replace('0000', '1111'))).statusCode, 404);
});

test('what Oriel refuses the page is told in Oriel’s words, with when to come again', async () => {
  await using product = await withApp({
    startSession: async () => {
      throw newOrielError(503, 'egress_exhausted', 'all upstreams are in use', { retryAfterSeconds: 15 });
    },
  });
  const { statusCode, headers, body } = await product.start();
  assert.equal(
    [statusCode, headers['retry-after'], JSON.parse(body)],
    [503, '15', { error: { code: 'egress_exhausted', message: 'all upstreams are in use' } }],
  );
});

test('a sign-in that gave nothing, and a controller that is away, are no crash of the back end', async () => {
  await using product = await withApp({
    startSession: async () => STARTED as never,
    waitForEnd: async () => {
      throw newOrielError(0, 'unreachable', 'The server cannot be reached');
    },
  });
  await product.start();
  const reply = await product.app.inject({ url: '/api/sign-ins/s-a', headers: { cookie: USER } });
  assert.equal([reply.statusCode, reply.json()], [502, { error: { code: 'unreachable', message: 'The server cannot be reached' } }]);
});

test('who is not logged in, or comes from another site, starts nothing', async () => {
  let starts = 0;
  await using product = await withApp({
    startSession: async () => (starts++, STARTED as never),
    waitForEnd: async () => ({}) as never,
    getCredentials: async () => ({ provider: 'codex', files: [] }) as never,
  });
  assert.is((await product.start({})).statusCode, 403);
  assert.is((await product.start({ cookie: USER, 'sec-fetch-site': 'cross-site' })).statusCode, 403);
  assert.is(starts, 0);
  assert.is((await product.start({ cookie: USER, 'sec-fetch-site': 'same-origin' })).statusCode, 200);
});

test('the page’s policy runs no script but its own and Oriel’s, and its user is a cookie that no script reads', async () => {
  await using product = await withApp({});
  const { headers, body } = await product.app.inject('/');
  const policy = String(headers['content-security-policy']);
  assert.match(
    policy,
    /default-src 'none'; script-src 'self' https:\/\/oriel\.test;.*connect-src 'self' https:\/\/oriel\.test wss:\/\/oriel\.test/,
  );
  assert.not.match(policy, /unsafe|\*/);
  assert.match(String(headers['set-cookie']), /^user=[0-9a-f-]{36}; Path=\/; HttpOnly; SameSite=Strict$/);
  assert.match(body, /content="https:\/\/oriel\.test"/);
});

test('all that is wrong with the settings is told at once', () => {
  const key = 'oriel_key_abcdefghijklmnop';
  assert.equal(toSettings({ EXAMPLE_API_KEY: key }), { orielUrl: 'http://127.0.0.1:7080', apiKey: key, port: 7090, providers: undefined });
  assert.equal(toSettings({ EXAMPLE_API_KEY: key, EXAMPLE_PROVIDERS: 'codex,gemini_cli' }).providers, ['codex', 'gemini_cli']);
  assert.throws(
    () => toSettings({ EXAMPLE_CONTROLLER: 'x', EXAMPLE_PORT: '-1' }),
    ({ message }: Error) => /EXAMPLE_CONTROLLER is .*\nEXAMPLE_API_KEY is .*\nEXAMPLE_PORT is /.test(message),
  );
});

test.run();
