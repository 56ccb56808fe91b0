import { execFileSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { Home, KEY } from './serving.ts';

const test = suite('a real controller', { timeoutMs: 60_000 });
const BODY = { userId: 'ann', provider: 'desktop' };
let home: Home;

test.before(() => void execFileSync('ip', ['link', 'set', 'lo', 'up']));
test.beforeEach(() => void (home = new Home()));
test.afterEach(() => home.remove());

test('a second one on the same data directory ends at once and says who has it; after kill -9 of the first the next one serves', async () => {
  const first = home.serve();
  const url = await first.url();
  const second = home.serve();
  assert.is(await second.exit(), 1);
  const words = `a controller (pid ${first.pid}) already works in ${home.dataDir}: one at a time; \`just down\` ends it\n`;
  assert.ok(second.said.endsWith(words), second.said);
  assert.is((await ask(url, 'GET /health')).status, 200, 'the first goes on');
  await first.kill();
  const third = home.serve();
  assert.is((await ask(await third.url(), 'GET /health')).status, 200);
});

test('without file descriptors it says so, answers 503 to whom it can, lives, and serves again when there are some', async () => {
  const controller = home.serve();
  const url = await controller.url();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  assert.is((await ask(url, 'GET /health', { agent })).status, 200);
  limit(controller.pid, controller.countDescriptors() + 3);
  const sockets = await openMany(url, 40);
  await controller.until(/file descriptors run out/);
  assert.is((await ask(url, 'GET /health', { agent })).status, 200);
  const start = await ask(url, 'POST /api/auth/start', { agent, body: BODY });
  assert.equal([start.status, start.body.error.code], [503, 'host_no_descriptors']);
  assert.match(start.body.error.message, /raise its limit \(ulimit -n, LimitNOFILE\)/);
  for (const path of ['/ready', '/metrics', '/assets/desktop.js']) {
    const { status } = await ask(url, `GET ${path}`, { agent });
    assert.not.equal(status, 500, path);
  }
  await sleep(1500);
  assert.ok(controller.isRunning, controller.said);

  for (const socket of sockets) socket.destroy();
  limit(controller.pid, 1024);
  await controller.until(/there are file descriptors again/);
  assert.is((await ask(url, 'GET /health')).status, 200, 'over a new connection');
  const { status, body } = await ask(url, 'POST /api/auth/start', { body: BODY });
  assert.is(status, 200);
  await untilOver(url, body.sessionId);
  agent.destroy();
});

test.run();

interface Asked {
  status: number;
  headers: Record<string, string>;
  // Tests read what they expect of it.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  body: any;
}

/** Over the agent's connection, or one of its own. */
function ask(url: string, line: string, { agent, body }: { agent?: Agent; body?: unknown } = {}): Promise<Asked> {
  const [method, path] = line.split(' ');
  const headers = { authorization: `Bearer ${KEY}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent: agent ?? false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (piece: string) => void (text += piece));
      reply.on('end', () => {
        const isJson = reply.headers['content-type']?.startsWith('application/json');
        resolve({ status: reply.statusCode!, headers: reply.headers as Record<string, string>, body: isJson ? JSON.parse(text) : text });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** There is no image: each session fails for that, and for nothing else. */
async function untilOver(url: string, id: string): Promise<void> {
  for (;;) {
    const { body } = await ask(url, `GET /api/auth/session/${id}`);
    if (body.status === 'failed') return assert.is(body.reason.code, 'image_unusable');
    await sleep(50);
  }
}

function limit(pid: number, files: number): void {
  execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${files}:`]);
}

function openMany(url: string, count: number): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const opening = Array.from({ length: count }, async () => {
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve).once('error', resolve));
    return socket;
  });
  return Promise.all(opening);
}
