import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBytes, toFrames } from '#test/frames';
import { fc, fuzz } from '#test/fuzz';
import { assert, suite } from '#test/suite';
import { createWebsockify } from '../../src/websockify/server.ts';

const test = suite('fuzzed websockify', { timeoutMs: 300_000 });

const SECRET = 'V'.repeat(43);
const ends: unknown[] = [];
process.on('uncaughtException', (error) => ends.push(error)).on('unhandledRejection', (error) => ends.push(error));

let folder = '';
let vnc: Server;
let websockify: Server;
let refused = 0;
/** Connections that VNC has. */
const open = new Set<Socket>();

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oriel-'));
  vnc = createServer((socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)));
    socket.resume().write('RFB 003.008\n');
  }).listen(join(folder, 'vnc'));
  websockify = createWebsockify({ secret: SECRET, vncSocket: join(folder, 'vnc'), onRefused: () => (refused += 1) });
  websockify.listen(0, '127.0.0.1');
  await Promise.all([vnc, websockify].map((server) => server.listening || once(server, 'listening')));
});

test.after(async () => {
  websockify.close();
  vnc.close();
  await rm(folder, { recursive: true });
});

const path = fc.constantFrom(
  '/websockify',
  '/websockify',
  '/websockify',
  '//',
  '/',
  'http://[',
  '*',
  '/websockify?x',
  '/%',
  `/${'x'.repeat(9_000)}`,
);
const headers = fc.record(
  {
    authorization: fc.constantFrom('Bearer x', `Bearer ${SECRET}x`, `Basic ${SECRET}`, ''),
    origin: fc.constantFrom('null', '', 'http://127.0.0.1:6080'),
    'sec-websocket-key': fc.constantFrom('', 'x', 'dGhlIHNhbXBsZSBub25jZQ'),
    'sec-websocket-version': fc.constantFrom('8', '-1', 'x'),
    'sec-websocket-protocol': fc.constantFrom(',', 'other', 'binary, binary', '\u00e9'),
    'sec-websocket-extensions': fc.constantFrom('permessage-deflate', ',,', 'x; y="'),
  },
  { requiredKeys: [] },
);
const frames = fc.array(toFrames(true), { maxLength: 5 }).map((all) => Buffer.concat(all.map(toBytes)));

test('whatever comes, it goes on, lets nobody in without its secret, and keeps no connection of one who went', async () => {
  let letIn = 0;
  const { port } = websockify.address() as AddressInfo;
  await fuzz(fc.record({ path, headers: fc.oneof(fc.constant({}), headers), frames }), 100, async ({ path, headers, frames }) => {
    const all: Record<string, string> = {
      host: 'x',
      connection: 'upgrade',
      upgrade: 'websocket',
      authorization: `Bearer ${SECRET}`,
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      ...headers,
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect({ host: '127.0.0.1', port }).on('error', () => {});
    let said = '';
    socket.on('data', (data) => (said += data.toString('latin1')));
    socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
    while (!said.includes('\r\n\r\n') && !socket.destroyed)
      await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => {});
    const isIn = said.startsWith('HTTP/1.1 101');
    if (isIn) {
      letIn += 1;
      assert.ok(all.authorization === `Bearer ${SECRET}` && all.origin === undefined && path.startsWith('/websockify'));
    } else assert.match(said, /^HTTP\/1\.1 4\d\d /);
    socket.end(frames);
    if (!socket.destroyed) await once(socket, 'close');
    assert.equal(ends, []);
  });
  assert.ok(letIn > 10, `${letIn} were let in`);
  while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test.run();
