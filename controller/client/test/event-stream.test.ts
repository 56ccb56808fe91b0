import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { assert, suite } from '#test/suite';
import { createClient, createViewerClient, NotAllowed } from '../index.ts';

const test = suite('event stream');

/** A controller that answers the nth stream with `replies[n]`, and notes how it was asked. */
async function serve(...replies: ((response: ServerResponse) => void)[]) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization} ${request.headers['last-event-id'] ?? '-'}`);
    replies.shift()?.(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => (server.closeAllConnections(), server.close());
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, [Symbol.dispose]: stop };
}

const event = (data: object, id: string) => `event: x\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;

test('a session’s versions come to the last one, and the stream is let go', async () => {
  let closed: Promise<unknown> | undefined;
  using server = await serve((response) => {
    closed = once(response, 'close');
    response.write(`: still here\n\n${event({ status: 'pending' }, 'a')}${event({ status: 'completed' }, 'b')}`);
  });
  const seen: string[] = [];
  for await (const { status } of createViewerClient({ baseUrl: server.baseUrl, token: 't' }).sessionEvents('s-a')) seen.push(status);
  assert.equal(seen, ['pending', 'completed']);
  assert.equal(server.asked, ['/api/auth/session/s-a/events Bearer t -']);
  await closed;
});

test('a stream that breaks is opened anew after the last event, one that is busy again; the link is told of', async () => {
  using server = await serve(
    (response) => response.end(event({ id: 7 }, '7')),
    (response) => response.writeHead(503).end('{}'),
    (response) => response.write(event({ id: 8 }, '8')),
  );
  const links: boolean[] = [];
  const seen: number[] = [];
  for await (const { id } of createClient({ baseUrl: server.baseUrl, token: 'k' }).events({
    lastId: '6',
    onLink: (isOpen) => links.push(isOpen),
  })) {
    seen.push(id);
    if (id === 8) break;
  }
  assert.equal(
    server.asked.map((line) => line.split(' ').at(-1)),
    ['6', '7', '7'],
  );
  assert.equal(
    [seen, links],
    [
      [7, 8],
      [true, false, false, true],
    ],
  );
});

test('a refusal is thrown as what it is, and an abort as its reason', async () => {
  using server = await serve(
    (response) => response.writeHead(401).end(JSON.stringify({ error: { code: 'unauthorized', message: 'no' } })),
    (response) => response.write(event({ id: 1 }, '1')),
  );
  const client = createClient({ baseUrl: server.baseUrl, token: 'k' });
  const thrown: unknown = await client
    .events()
    .next()
    .catch((error: unknown) => error);
  assert.instance(thrown, NotAllowed);
  const life = new AbortController();
  const events = client.events({ signal: life.signal });
  assert.equal(((await events.next()).value as { id: number }).id, 1);
  const reason = new Error('enough');
  life.abort(reason);
  assert.is(await events.next().catch((error: unknown) => error), reason);
});

test.run();
