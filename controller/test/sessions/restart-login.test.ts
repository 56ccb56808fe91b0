import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { suite, assert } from '#test/suite';
import { createAuthServer } from '../../../guest/src/auth/server.ts';
import { restartLogin } from '../../src/sessions/restart-login.ts';

const test = suite('restart of a login');
const secret = 's'.repeat(43);
const codeOf = (attempt: Promise<void>) =>
  attempt.then(
    () => 'done',
    ({ code }: { code: string }) => code,
  );

test('the guest’s auth agent is asked, and what it will not do is refused', async () => {
  let isWaiting = true;
  const server = createAuthServer({ secret, getState: () => 'waiting', restart: () => isWaiting, onRefused: () => undefined }).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  assert.is(await codeOf(restartLogin({ url, secret })), 'done');
  isWaiting = false;
  assert.is(await codeOf(restartLogin({ url, secret })), 'login_not_restarted');
  assert.is(await codeOf(restartLogin({ url, secret: 'x'.repeat(43) })), 'login_not_restarted');
  server.closeAllConnections();
  server.close();
});

test('where nobody listens, or the guest has not said hello, there is none', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  assert.is(await codeOf(restartLogin({ url, secret })), 'login_not_restarted');
  assert.is(await codeOf(restartLogin(undefined)), 'login_not_restarted');
});

test.run();
