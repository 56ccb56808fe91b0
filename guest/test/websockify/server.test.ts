import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { WebSocket } from 'ws';
import type { DoorRefusal } from '#contract/guest';
import { createWebsockify } from '../../src/websockify/server.ts';

const test = suite('websockify');
const secret = 'V'.repeat(43);
const refused: DoorRefusal[] = [];
const onRefused = (why: DoorRefusal) => void refused.push(why);
let folder = '';
let url = '';
let vnc: Server;
let websockify: ReturnType<typeof createWebsockify>;
let onVncConnection: (socket: Socket) => void;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oriel-'));
  vnc = createServer((socket) => onVncConnection(socket.on('error', () => {})));
  await new Promise<void>((resolve) => vnc.listen(join(folder, 'vnc'), resolve));
  websockify = createWebsockify({ secret, vncSocket: join(folder, 'vnc'), most: 3, onRefused });
  await new Promise<void>((resolve) => websockify.listen(0, '127.0.0.1', resolve));
  url = `ws://127.0.0.1:${(websockify.address() as AddressInfo).port}/websockify`;
});

test.after(async () => {
  websockify.closeAllConnections();
  websockify.close();
  vnc.close();
  await rm(folder, { recursive: true });
});

function open(headers: Record<string, string> = { authorization: `Bearer ${secret}` }): WebSocket {
  return new WebSocket(url, ['binary'], { headers });
}

async function statusOf(socket: WebSocket): Promise<number> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
  socket.on('error', () => {}).terminate();
  return response.statusCode;
}

test('bytes go both ways as they are', async () => {
  onVncConnection = (socket) => void socket.pipe(socket);
  const socket = open();
  await once(socket, 'open');
  assert.is(socket.protocol, 'binary');
  const sent = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index & 0xff));
  socket.send(sent);
  const got: Buffer[] = [];
  socket.on('message', (data: Buffer) => got.push(data));
  while (Buffer.concat(got).length < sent.length) await once(socket, 'message');
  assert.equal(Buffer.concat(got), sent);
  socket.close();
  await once(socket, 'close');
});

test('a page, and whoever lacks the secret, is refused, and each is counted by why', async () => {
  refused.length = 0;
  assert.is(await statusOf(open({})), 401);
  assert.is(await statusOf(open({ authorization: 'Bearer x' })), 401);
  assert.is(await statusOf(open({ authorization: `Bearer ${secret}`, origin: 'http://127.0.0.1' })), 403);
  const [page] = (await once(get(url.replace('ws:', 'http:'), { agent: false }), 'response')) as [IncomingMessage];
  assert.is(page.resume().statusCode, 426);
  assert.equal(refused, ['secret', 'secret', 'origin', 'path']);
});

test('what is no handshake is refused, and whoever was refused cannot stay', async () => {
  const { port } = websockify.address() as AddressInfo;
  const lines = ['GET //', 'GET http://[', 'GET *', 'GET /websockify', 'POST /websockify', 'GET /websockify?x=//'];
  const sockets = lines.map((line) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true }).on('error', () => {});
    socket.write(`${line} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
    return socket;
  });
  for (const socket of sockets) assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 4\d\d /);
  while (await countOpen()) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const socket of sockets) socket.destroy();
});

function countOpen(): Promise<number> {
  return new Promise((resolve) => websockify.getConnections((_, count) => resolve(count)));
}

test('a desktop that closes says so in the close frame', async () => {
  onVncConnection = (socket) => void socket.end();
  const socket = open();
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  assert.equal([code, reason.toString()], [1001, 'desktop closed the connection']);
});

test('a desktop that is not there says so', async () => {
  const other = createWebsockify({ secret, vncSocket: join(folder, 'nothing'), onRefused });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${(other.address() as AddressInfo).port}/websockify`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  assert.equal([code, reason.toString()], [1011, 'desktop does not answer']);
  other.close();
});

test('a viewer that goes takes its connection to the desktop along', async () => {
  const gone = new Promise<void>((resolve) => (onVncConnection = (socket) => void socket.on('close', resolve)));
  const socket = open();
  await once(socket, 'open');
  socket.terminate();
  await gone;
});

test('more than the most connections are refused', async () => {
  onVncConnection = () => {};
  const sockets = [open(), open(), open()];
  await Promise.all(sockets.map((socket) => once(socket, 'open')));
  assert.is(await statusOf(open()), 503);
  for (const socket of sockets) socket.terminate();
});

test.run();
