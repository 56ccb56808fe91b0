import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { toAuthSecret } from '#contract/auth-secret';
import { assert, suite } from '#test/suite';
import { createAuthServer } from '../../src/auth/server.ts';

const test = suite('auth server');
const BOOT = 'b'.repeat(43);

test('who has the secret may ask and restart; a page, and who has not, may not, and is counted', async () => {
  let restarts = 0;
  const refused: string[] = [];
  const secret = toAuthSecret(BOOT);
  const server = createAuthServer({
    secret,
    getState: () => 'waiting',
    restart: () => ++restarts === 1,
    onRefused: (why) => void refused.push(why),
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
    return [reply.status, await reply.text()];
  };
  const authorization = `Bearer ${secret}`;
  assert.equal(await ask('GET', '/health', { authorization }), [200, '{"status":"ok"}']);
  assert.equal(await ask('GET', '/state', { authorization }), [200, '{"state":"waiting"}']);
  assert.equal(await ask('POST', '/restart', { authorization }), [202, '']);
  assert.equal(await ask('POST', '/restart', { authorization }), [409, '']);
  assert.equal(await ask('GET', '/else', { authorization }), [404, '']);
  assert.equal(await ask('GET', '/state'), [401, '']);
  assert.equal(await ask('GET', '/state', { authorization: `Bearer ${BOOT}` }), [401, ''], 'websockify’s secret is another');
  assert.equal(await ask('POST', '/restart', { authorization, origin: 'http://a.example' }), [403, '']);
  assert.equal(refused, ['path', 'secret', 'secret', 'origin'], 'each is counted');
  server.closeAllConnections();
  server.close();
});

test.run();
