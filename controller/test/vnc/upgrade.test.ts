import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { suite, assert } from '#test/suite';
import { AuthFailures } from '../../src/auth/failures.ts';
import { FakeController, log, VNC_SECRET } from '../fakes/controller.ts';
import { createServer, type IncomingMessage } from 'node:http';
import { serveVnc } from '../../src/vnc/upgrade.ts';

const test = suite('vnc');

/** A controller's WebSocket side before a fake websockify that repeats what it hears. */
async function setUp(fake: FakeController, isOneAtATime = false) {
  const asked: IncomingMessage[] = [];
  const websockify = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'binary' });
  websockify.on('connection', (socket, request) => {
    asked.push(request);
    socket.send('RFB 003.008\n');
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  });
  await once(websockify, 'listening');
  const server = createServer();
  const url = `ws://127.0.0.1:${(websockify.address() as AddressInfo).port}/websockify`;
  const { sessions, doors } = fake;
  serveVnc(server, {
    headers: {},
    gate: fake,
    failures: new AuthFailures(60),
    doors,
    sessions,
    corsOrigins: ['https://product.example'],
    isOneAtATime,
    log,
    toUrl: () => url,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = (id: string, protocols: string[], headers = {}) =>
    new WebSocket(`ws://127.0.0.1:${port}/api/vnc/session/${id}`, protocols, { headers });
  const close = () => {
    for (const client of websockify.clients) client.terminate();
    websockify.close();
    server.close();
    server.closeAllConnections();
  };
  return { connect, close, asked, websockify, port };
}

const statusOf = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode!));
    socket.on('open', () => resolve(101));
  });

test('bytes go both ways, the first of them included; the clone is asked with its secret and without an Origin', async () => {
  await using fake = new FakeController();
  const { connect, close, asked, port } = await setUp(fake);
  const id = await fake.startReady();
  const socket = connect(id, ['binary', `oriel.${await fake.viewerToken(id)}`], { origin: `http://127.0.0.1:${port}` });
  const heard: string[] = [];
  socket.on('message', (data: Buffer) => heard.push(data.toString()));
  await once(socket, 'open');
  assert.is(socket.protocol, 'binary');
  socket.send(Buffer.from('hello'));
  while (heard.length < 2) await once(socket, 'message');
  assert.equal(heard, ['RFB 003.008\n', 'hello']);
  assert.is(asked[0]?.headers.authorization, `Bearer ${VNC_SECRET}`);
  assert.is(asked[0]?.headers.origin, undefined);
  socket.close();
  await once(socket, 'close');
  close();
});

test('who may not gets the status that the API would give', async () => {
  await using fake = new FakeController();
  const { connect, close, port } = await setUp(fake);
  const id = await fake.startReady('ann');
  const other = await fake.startReady('bob');
  const booting = fake.start('eve');
  const mine = `oriel.${await fake.viewerToken(id)}`;
  for (const [what, session, protocols, headers, status] of [
    ['no token', id, ['binary'], {}, 401],
    ['a wrong token', id, ['binary', 'oriel.x'], {}, 401],
    ['another’s session', other, ['binary', mine], {}, 404],
    ['one who may only look', id, ['binary', `oriel.${await fake.viewerToken(id, 'view')}`], {}, 403],
    ['a foreign page', id, ['binary', mine], { origin: 'https://evil.example' }, 403],
    ['a page of the same host on another port', id, ['binary', mine], { origin: 'http://127.0.0.1:1' }, 403],
    ['no binary', id, [mine], {}, 400],
    ['a session that boots', booting, ['binary', `oriel.${await fake.viewerToken(booting)}`], {}, 409],
    ['another path', 'x', ['binary', mine], {}, 404],
    ['an allowed page', id, ['binary', mine], { origin: 'https://product.example' }, 101],
    ['our own page', id, ['binary', mine], { origin: `http://127.0.0.1:${port}` }, 101],
  ] as const) {
    const socket = connect(session, [...protocols], headers);
    assert.is(await statusOf(socket), status, what);
    socket.terminate();
  }
  close();
});

test('where viewers use a desktop one at a time there is no VNC', async () => {
  await using fake = new FakeController();
  const { connect, close } = await setUp(fake, true);
  const id = await fake.startReady();
  assert.is(await statusOf(connect(id, ['binary', `oriel.${await fake.viewerToken(id)}`])), 403);
  close();
});

test('the socket is closed with its session, with a code that says so', async () => {
  await using fake = new FakeController();
  const { connect, close } = await setUp(fake);
  const id = await fake.startReady();
  const socket = connect(id, ['binary', `oriel.${await fake.viewerToken(id)}`]);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.is((await closed)[0], 1001);
  close();
});

test('a websockify that dies closes the browser’s socket with 1011, never 1006', async () => {
  await using fake = new FakeController();
  const { connect, close, websockify } = await setUp(fake);
  const id = await fake.startReady();
  const socket = connect(id, ['binary', `oriel.${await fake.viewerToken(id)}`]);
  await once(socket, 'open');
  for (const client of websockify.clients) client.terminate();
  assert.is((await once(socket, 'close'))[0], 1011);
  close();
});

test('a websockify that is not there is 502', async () => {
  await using fake = new FakeController();
  const { connect, close, websockify } = await setUp(fake);
  const id = await fake.startReady();
  await new Promise((resolve) => websockify.close(resolve));
  assert.is(await statusOf(connect(id, ['binary', `oriel.${await fake.viewerToken(id)}`])), 502);
  close();
});

test('a browser that does not read stops the clone from sending: the controller does not fill up', async () => {
  await using fake = new FakeController();
  const { connect, close, websockify } = await setUp(fake);
  const id = await fake.startReady();
  const socket = connect(id, ['binary', `oriel.${await fake.viewerToken(id)}`]);
  await once(socket, 'open');
  socket.pause();
  const [source] = [...websockify.clients];
  const block = Buffer.alloc(64 * 1024);
  for (let i = 0; i < 1024; i++) source!.send(block);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.ok(source!.bufferedAmount > 32 * 1024 * 1024, `${source!.bufferedAmount} of 64 MiB wait at the sender`);
  let received = 0;
  socket.on('message', (data: Buffer) => (received += data.length));
  socket.resume();
  while (received < 64 * 1024 * 1024) await once(socket, 'message');
  socket.close();
  close();
});

test('a session has at most eight sockets, and room again when one has gone', async () => {
  await using fake = new FakeController();
  const { connect, close } = await setUp(fake);
  const id = await fake.startReady();
  const token = `oriel.${await fake.viewerToken(id)}`;
  const sockets = Array.from({ length: 8 }, () => connect(id, ['binary', token]));
  assert.equal(await Promise.all(sockets.map(statusOf)), Array(8).fill(101));
  assert.is(await statusOf(connect(id, ['binary', token])), 429);
  sockets[0]!.close();
  await once(sockets[0]!, 'close');
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(await statusOf(connect(id, ['binary', token])), 101);
  close();
});

test.run();
