import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { API_KEY, FakeController } from '../../../controller/test/fakes/controller.ts';
import { makeCertificates } from '#test/certificates';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { EDGE_FILES, toCaddyfile } from '../../edge/caddyfile.ts';
import type { EdgeSettings } from '../../settings/edge.ts';

/* Debian's Caddy with the configuration that the stack puts there, in front of a controller, and of a server that shows what goes through. */
const test = suite('edge', { timeoutMs: 60_000 });
const claim = spawnSync('caddy', ['version']).status === 0 ? test : (title: string) => test.skip(title, 'caddy is not installed');

const NAME = 'desktops.example';
const TOKEN = 'token-of-a-test-0123456789';
const dir = mkdtempSync(join(tmpdir(), 'oriel-edge-'));
const servers: Server[] = [];
let caddy: ChildProcess | undefined;
let said = '';
let ca = '';

/** Runs Caddy with these settings in front of this port. */
async function front(port: number, more: Partial<EdgeSettings> = {}): Promise<void> {
  await stop();
  const edge: EdgeSettings = {
    host: 'first',
    names: [NAME],
    tls: { certificate: 'c', key: { env: 'K' } },
    metricsToken: { from: { env: 'A' } },
    ...more,
  };
  writeFileSync(join(dir, 'Caddyfile'), toCaddyfile(edge, { variables: { ORIEL_PORT: port } }, dir, join(dir, 'data')));
  const env = { PATH: process.env.PATH, HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir, ORIEL_METRICS_TOKEN: TOKEN };
  caddy = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'caddy', 'run', '--adapter', 'caddyfile', '--config', join(dir, 'Caddyfile')], {
    env,
  });
  caddy.stderr!.on('data', (text: Buffer) => (said += text.toString()));
  for (const until = Date.now() + 20_000 * PACE; ; await sleep(50)) {
    const isUp = await ask('/health').then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (caddy.exitCode !== null || Date.now() > until) throw new Error(`Caddy does not serve:\n${said}`);
  }
}

async function stop(): Promise<void> {
  if (!caddy || caddy.exitCode !== null) return;
  const gone = once(caddy, 'exit');
  caddy.kill('SIGKILL');
  await gone;
}

interface Asked {
  headers?: Record<string, string>;
  /** One of loopback's: who asks. */
  from?: string;
}

const toEdge = { host: '127.0.0.1', port: 443, servername: NAME };

function ask(
  path: string,
  { headers = {}, from = '127.0.0.1' }: Asked = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const request = requestHttps(
      { ...toEdge, ca, path, localAddress: from, headers: { host: NAME, ...headers }, agent: false },
      (reply) => {
        let body = '';
        reply.setEncoding('utf8').on('data', (text: string) => (body += text));
        reply.on('end', () => resolve({ status: reply.statusCode!, headers: reply.headers, body }));
      },
    );
    request.on('error', reject).end();
  });
}

/** The first line of a reply, and all of it, to a path as it stands here. */
async function askRaw(path: string): Promise<string> {
  const socket = connectTls({ ...toEdge, ca });
  // Not ended: to Caddy whoever closes his half has left.
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test.before(() => {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const { authority, certificate, key } = makeCertificates(join(dir, 'made'), NAME);
  ca = readFileSync(authority, 'utf8');
  execFileSync('mkdir', ['-p', join(dir, 'tls')]);
  execFileSync('cp', [certificate, join(dir, EDGE_FILES.certificate)]);
  execFileSync('cp', [key, join(dir, EDGE_FILES.key)]);
});
test.after(async () => {
  await stop();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(dir, { recursive: true });
});

claim('HTTP/2 is spoken; the headers are the controller’s own, each once; HTTP leads to HTTPS', async () => {
  await using fake = new FakeController({ ORIEL_PUBLIC_URL: `https://${NAME}`, ORIEL_TRUSTED_PROXIES: '127.0.0.1' });
  const app = await fake.app();
  await app.listen({ host: '127.0.0.1', port: 0 });
  servers.push(app.server);
  const { port } = app.server.address() as AddressInfo;
  await front(port);
  const direct = Object.fromEntries((await fetch(`http://127.0.0.1:${port}/health`)).headers);
  const { headers } = await ask('/health');
  const own = ['connection', 'keep-alive', 'date', 'transfer-encoding', 'x-ratelimit-reset'];
  const rest = (all: Record<string, unknown>) => Object.fromEntries(Object.entries(all).filter(([name]) => !own.includes(name)));
  assert.equal(rest(headers), rest(direct));
  assert.match(String(headers['strict-transport-security']), /^max-age=\d+$/);

  const session = connectHttp2(`https://127.0.0.1`, { ca, servername: NAME });
  const stream = session.request({ ':path': '/health', ':authority': NAME });
  const [reply] = (await once(stream, 'response')) as [Record<string, unknown>];
  assert.equal([reply[':status'], session.alpnProtocol], [200, 'h2']);
  session.destroy();
  const plain = await fetch('http://127.0.0.1/desktop', { redirect: 'manual', headers: { host: NAME } });
  assert.is(plain.status, 308);
});

claim('what is for the host alone is not there, however it is written; whoever has the token reads the metrics', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  await app.listen({ host: '127.0.0.1', port: 0 });
  servers.push(app.server);
  const { port } = app.server.address() as AddressInfo;
  await front(port);
  const spellings = [
    '/metrics',
    '//metrics',
    '/metrics/',
    '/METRICS',
    '/%6detrics',
    '/%6Detric%73',
    '/x/../metrics',
    '/./metrics',
    '/metrics?a=b',
    '/metrics;a',
    '/metrics%2f',
    '/metrics%00',
    `http://${NAME}/metrics`,
  ];
  for (const path of [...spellings, '/operator', '/ready', '/api/openapi.json', '//operator', '/OPERATOR']) {
    const text = await askRaw(path);
    assert.match(text, /^HTTP\/1\.1 (4\d\d|308) /, `${path}: ${text.slice(0, 300)}`);
    assert.not.match(text, /oriel_|<html|"ready"|"openapi"/, path);
  }
  const metrics = (token: string) => ask('/metrics', { headers: { authorization: `Bearer ${token}` } });
  assert.is((await metrics(`${TOKEN}x`)).status, 404);
  assert.match((await metrics(TOKEN)).body, /^oriel_/m);
  assert.is((await ask('/ready', { headers: { authorization: `Bearer ${TOKEN}` } })).status, 404);
  await front(port, { open: ['metrics', 'ready'] });
  for (const path of ['/metrics', '/ready']) assert.match(await askRaw(path), /oriel_|"ready"/, `${path} is said to be open`);
  assert.not.match(readFileSync(join(dir, 'Caddyfile'), 'utf8'), TOKEN);
});

claim('limits by address see the person, whatever he says of himself', async () => {
  await using fake = new FakeController({ ORIEL_AUTH_FAILURES_PER_MINUTE: '1', ORIEL_TRUSTED_PROXIES: '127.0.0.1' });
  const app = await fake.app();
  await app.listen({ host: '127.0.0.1', port: 0 });
  servers.push(app.server);
  await front((app.server.address() as AddressInfo).port);
  const guess = async (from: string, said: Record<string, string> = {}) =>
    (await ask('/api/host', { from, headers: { authorization: 'Bearer wrong', ...said } })).status;
  assert.equal([await guess('127.0.0.2'), await guess('127.0.0.2'), await guess('127.0.0.3')], [401, 429, 401]);
  const others = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', 'x-real-ip': '203.0.113.9' };
  assert.equal([await guess('127.0.0.4', others), await guess('127.0.0.4', { 'x-forwarded-for': '203.0.113.10' })], [401, 429]);
  assert.is((await ask('/api/host', { from: '127.0.0.2', headers: { authorization: `Bearer ${API_KEY}` } })).status, 200);
});

claim('events come as they happen, and whoever leaves is gone behind the edge too; WebSockets go through', async () => {
  let open = 0;
  const upstream = createServer((request, reply) => {
    if (request.url !== '/events') return void reply.end('ok');
    open += 1;
    reply.on('close', () => (open -= 1));
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    reply.write('data: one\n\n');
  });
  const sockets = new WebSocketServer({ server: upstream, handleProtocols: () => 'binary' });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  await front(await listen(upstream));

  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = requestHttps(
    { ...toEdge, ca, path: '/events', headers: { host: NAME, 'accept-encoding': 'gzip' }, agent: false },
    (reply) => reply.setEncoding('utf8').once('data', resolve),
  );
  request.on('error', reject).end();
  assert.is(await promise, 'data: one\n\n', 'the second never comes: what is there was not held back for it');
  assert.is(open, 1);
  request.on('error', () => {}).destroy();
  for (const until = Date.now() + 10_000 * PACE; open > 0 && Date.now() < until;) await sleep(50);
  assert.is(open, 0);

  const socket = new WebSocket(`wss://127.0.0.1/api/vnc`, ['binary'], { ca, headers: { host: NAME }, ...{ servername: NAME } });
  await once(socket, 'open');
  socket.send(Buffer.from([1, 2, 3]));
  const [echo] = (await once(socket, 'message')) as [Buffer];
  assert.equal([...echo], [1, 2, 3]);
  socket.terminate();
  for (const client of sockets.clients) client.terminate();
  sockets.close();
  upstream.closeAllConnections();
  upstream.close();
});

claim('while the controller is away people wait for it; when it does not come they are told so, and of nothing else', async () => {
  const upstream = createServer((_request, reply) => void reply.end('ok'));
  const port = await listen(upstream);
  await front(port);
  await new Promise((resolve) => upstream.closeAllConnections() ?? upstream.close(resolve));
  const waiting = ask('/desktop');
  await sleep(1_000);
  const again = createServer((_request, reply) => void reply.end('again'));
  await new Promise<void>((resolve) => again.listen(port, '127.0.0.1', resolve));
  assert.is((await waiting).body, 'again');
  await new Promise((resolve) => again.closeAllConnections() ?? again.close(resolve));
  const { status, headers, body } = await ask('/desktop');
  assert.equal([status, JSON.parse(body).error.code], [502, 'unreachable']);
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
  assert.is(headers.server, undefined);
});

test.run();
