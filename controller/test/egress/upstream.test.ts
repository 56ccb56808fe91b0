import { once } from 'node:events';
import { createServer as createHttpServer, get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { suite, assert } from '#test/suite';
import { UpstreamProxy } from '#test/upstream-proxy';
import type { Upstream } from '../../src/egress/control-protocol.ts';
import { agentOf, connectThrough } from '../../src/egress/upstream.ts';

const test = suite('egress: through an upstream');
const PASSWORD = 'p:ä%20 wörd';
const LOOPBACK = { address: '127.0.0.1' };
const names = { resolve: async () => [{ address: '127.0.0.1', family: 4 }] };

let greeter: Server;
let port: number;
test.before(async () => {
  // It speaks first, and says back what it hears.
  greeter = createServer({ allowHalfOpen: true }, (socket) => void (socket.write('hello '), socket.pipe(socket))).listen(0, '127.0.0.1');
  await once(greeter, 'listening');
  port = (greeter.address() as AddressInfo).port;
});
test.after(() => void greeter.close());

async function through(protocol: 'http' | 'socks5', act: (upstream: Upstream, proxy: UpstreamProxy) => Promise<void>): Promise<void> {
  const proxy = new UpstreamProxy({ protocol, host: '127.0.0.1', port: 0, username: 'ann', password: PASSWORD });
  await proxy.start();
  try {
    await act({ protocol, host: 'proxy.example', port: proxy.port, username: 'ann', password: PASSWORD }, proxy);
  } finally {
    await proxy.stop();
  }
}

for (const protocol of ['http', 'socks5'] as const) {
  test(`${protocol}: what the server says first comes, and what it answers, to its end`, () =>
    through(protocol, async (upstream, { passed }) => {
      const socket = await connectThrough(upstream, LOOPBACK, port, names);
      // Whoever reads it comes later.
      await new Promise((resolve) => setTimeout(resolve, 30));
      socket.end('and goodbye');
      assert.is(await text(socket), 'hello and goodbye');
      assert.equal(passed, [{ target: `127.0.0.1:${port}`, auth: `ann:${PASSWORD}` }]);
    }));

  test(`${protocol}: a page comes by a request that has its connection already`, () =>
    through(protocol, async (upstream) => {
      const web = createHttpServer((_, response) => response.end('a page')).listen(0, '127.0.0.1');
      await once(web, 'listening');
      const { port } = web.address() as AddressInfo;
      const socket = await connectThrough(upstream, LOOPBACK, port, names);
      const [response] = (await once(get({ host: 'page.example', agent: agentOf(socket) }), 'response')) as [IncomingMessage];
      assert.is(await text(response), 'a page');
      web.close();
    }));

  test(`${protocol}: neither error nor cause has the password in it`, () =>
    through(protocol, async (upstream, proxy) => {
      const wrong = { ...upstream, password: 'wrong-canary' };
      const error = (await connectThrough(wrong, LOOPBACK, port, names).catch((reason: unknown) => reason)) as Error;
      assert.is(error.message, 'the way out does not know its password');
      assert.not.match(JSON.stringify([error, error.stack, error.cause, Object.entries(error)]), 'wrong-canary');
      assert.is(proxy.refused, 1);
    }));

  test(`${protocol}: a target that it cannot reach, and an upstream that is not there, are told apart`, () =>
    through(protocol, async (upstream, proxy) => {
      const messageOf = async (connecting: Promise<unknown>) => String(await connecting.catch((error: Error) => error.message));
      assert.match(await messageOf(connectThrough(upstream, LOOPBACK, 1, names)), /^the way out (answered 502|refused the connection)$/);
      await proxy.stop();
      assert.is(await messageOf(connectThrough(upstream, LOOPBACK, port, names)), 'the way out cannot be reached');
    }));
}

test.run();
