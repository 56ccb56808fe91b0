import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { assert, suite } from '#test/suite';
import { join } from '../../src/vnc/join.ts';

const test = suite('vnc: two sockets joined');

let servers: WebSocketServer[] = [];
test.afterEach(() => {
  for (const server of servers) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
  servers = [];
});

test('the end of the session closes both, though the clone answers nothing any more', async () => {
  const { browser, upstream, life } = await connectDeaf();
  const closed = Promise.all([once(browser, 'close'), once(upstream, 'close')]);
  life.abort();
  const [[code]] = await closed;
  assert.is(code, 1001);
});

test('so does it when the browser had gone before, and the clone was still to say good-bye', async () => {
  const { browser, upstream, life } = await connectDeaf();
  browser.terminate();
  await once(browser, 'close');
  assert.is(upstream.readyState, WebSocket.CLOSING);
  const closed = once(upstream, 'close');
  life.abort();
  await closed;
});

test('keys, clicks and pasted text are somebody’s; what a viewer asks for by itself is not', async () => {
  const { page, used } = await connectDeaf();
  const [request, key, pointer, cut, encodings] = [3, 4, 5, 6, 2];
  for (const kind of [encodings, request, key, request, pointer, cut, request]) page.send(Buffer.from([kind, 0, 0, 0]));
  page.ping();
  await once(page, 'pong');
  assert.is(used(), 3);
});

/** Both sides as the controller has them; the clone reads nothing from its socket, as one whose machine was killed. */
async function connectDeaf() {
  const [clone, page] = [await listen(), await listen()];
  clone.on('connection', (socket) => socket.pause());
  const upstream = new WebSocket(toUrl(clone));
  await once(upstream, 'open');
  const arrived = once(page, 'connection') as Promise<[WebSocket]>;
  const viewer = new WebSocket(toUrl(page)).on('error', () => undefined);
  const [browser] = await arrived;
  const life = new AbortController();
  let count = 0;
  join(browser, upstream, life.signal, () => (count += 1));
  if (viewer.readyState !== WebSocket.OPEN) await once(viewer, 'open');
  return { browser, upstream, life, page: viewer, used: () => count };
}

async function listen(): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  servers.push(server);
  await once(server, 'listening');
  return server;
}

function toUrl(server: WebSocketServer): string {
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.run();
