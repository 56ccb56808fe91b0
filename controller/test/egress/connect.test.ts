import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from 'proxy-chain';
import { suite, assert } from '#test/suite';
import { connectTo, join } from '../../src/egress/connect.ts';

const test = suite('egress: connect');
const HERE = [{ address: '127.0.0.1', family: 4 }];

test('it connects to the given address, whatever the name', async () => {
  await using server = await listen((socket) => socket.end('hello'));
  const socket = await connectTo('name.invalid', server.port, HERE);
  assert.is(await text(socket), 'hello');
  socket.destroy();
});

test('a refusal is said in words', async () => {
  const { port } = await (await listen(() => {})).close();
  const error = await connectTo('name.invalid', port, HERE).catch((reason: unknown) => reason);
  assert.instance(error, RequestError);
  assert.is((error as RequestError).statusCode, 502);
  assert.is((error as RequestError).message, `name.invalid:${port} refused the connection`);
});

test('joined sockets: what is sent before an end arrives, in both directions', async () => {
  await using target = await listen(async (socket) => socket.end(`got ${(await text(socket)).length}`));
  await using proxy = await listen(async (socket) => join(socket, await connectTo('name.invalid', target.port, HERE)));
  const client = createConnection({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  client.end('x'.repeat(1_000_000));
  assert.is(await text(client), 'got 1000000');
});

test('joined sockets: when one is cut the other ends', async () => {
  const targets: Socket[] = [];
  await using target = await listen((socket) => void targets.push(socket.on('error', () => {})));
  await using proxy = await listen(async (socket) => join(socket, await connectTo('name.invalid', target.port, HERE)));
  for (const cut of ['client', 'target'] as const) {
    const client = createConnection({ port: proxy.port, host: '127.0.0.1' }).on('error', () => {});
    while (targets.length === 0) await sleep(5);
    const far = targets.pop()!;
    const left = cut === 'client' ? far : client;
    const ended = Promise.race([once(left, 'end'), once(left, 'close')]);
    (cut === 'client' ? client : far).resetAndDestroy();
    left.resume();
    await ended;
  }
});

async function listen(onConnection: (socket: Socket) => unknown) {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => void onConnection(socket.on('error', () => {}))).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    return { port };
  };
  return { port, close, [Symbol.asyncDispose]: async () => void (await close()) };
}

test.run();
