import { createServer, Agent, get } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { closeInTime } from '../../src/process/lifetime.ts';

const test = suite('lifetime');
/** More than a busy machine takes for what should take 200 ms; less than a connection is kept by itself (5 s). */
const LIMIT_MS = 4_500;

/** A server that answers after a while, asked once on a connection that its client would keep. Gives how long it took to close. */
async function closeWhileAnswering(answerMs: number): Promise<{ closeMs: number; answer: string }> {
  const server = createServer((_, reply) => void sleep(answerMs, undefined, { ref: false }).then(() => reply.end('done')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  const asked = Promise.withResolvers<string>();
  get({ agent, port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, (answer) =>
    answer.setEncoding('utf8').on('data', (text: string) => asked.resolve(text)),
  ).on('error', ({ message }) => asked.resolve(message));
  await once(server, 'request');
  const since = performance.now();
  await closeInTime(server, LIMIT_MS);
  const closeMs = performance.now() - since;
  // Client and server share a loop: the connection may be closed before what came over it was read.
  const answer = await asked.promise;
  agent.destroy();
  return { closeMs, answer };
}

test('what is being answered is answered, and its connection is not waited for', async () => {
  const { closeMs, answer } = await closeWhileAnswering(200);
  assert.is(answer, 'done');
  assert.ok(closeMs < LIMIT_MS - 500, `${closeMs} ms`);
});

test('what is not answered in time is closed', async () => {
  const { closeMs, answer } = await closeWhileAnswering(60_000);
  assert.match(answer, /socket hang up|ECONNRESET/);
  assert.ok(closeMs >= LIMIT_MS - 10 && closeMs < 4 * LIMIT_MS, `${closeMs} ms`);
});

test.run();
