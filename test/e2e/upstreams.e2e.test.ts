import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GUEST_NETWORK } from '#contract/network';
import type { Provider } from '#contract/provider';
import type { Session, SessionStarted } from '#contract/session';
import type { CredentialsReply } from '#contract/sign-in';
import { Api, type Reply } from '#test/api';
import { INTERNET, makeInternet } from '#test/internet';
import { findInMachine } from '#test/machine';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { readFiles, readMemory, readProcesses, searchPlaces, type Found, type Place } from '#test/secret-search';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { UpstreamProxy } from '#test/upstream-proxy';
import { createClient, type OrielClient } from '../../controller/client/index.ts';
import { PATHS } from '../../guest/src/agent/paths.ts';

/*
 * Two users and their upstreams, which are test proxies on the test's internet that know a password each: who leaves by which, what the
 * records say, and that the passwords are nowhere but where they have to be.
 */
const test = suite('upstreams', { timeoutMs: 90_000 * PACE });

const PASSWORD = 'only-the-upstream-knows-%&-';
const CANARY = 'planted-canary-6174-%&';
const ECHO = `http://${INTERNET.serverName}:81/`;
const dir = mkdtempSync(join(tmpdir(), 'oriel-upstreams-'));
const file = join(dir, 'upstreams.json');
const target = new TargetServer();
const echo: Server = createServer(({ socket: { remoteAddress: from }, url }, response) =>
  response.end(url === '/credentials' ? JSON.stringify({ from, secret: randomBytes(24).toString('hex') }) : from),
);
const proxies = (['http', 'socks5', 'http'] as const).map(
  (protocol, index) =>
    new UpstreamProxy({
      ...{ protocol, host: '203.0.113.20', port: 3128 + index, outAddress: `203.0.113.${30 + index}` },
      ...{ username: `user-${index}`, password: PASSWORD + index },
    }),
);
const oriel = new Oriel({
  instance: 'oriups',
  env: {
    ORIEL_EGRESS_UPSTREAMS_FILE: file,
    ORIEL_PROVIDERS_FILE: join(dir, 'providers.json'),
    ORIEL_EGRESS_PROBE_URL: ECHO,
    ORIEL_EGRESS_COOLDOWN_SECONDS: '3600',
    ORIEL_LOG_LEVEL: 'trace',
    ORIEL_PORT: '7391',
  },
});
/** A tool whose sign-in asks nobody: what it is given says from where it was seen to ask. */
const whoami: Provider = {
  id: 'whoami',
  name: 'Who am I',
  login: { command: ['sh', '-c', `mkdir -p ~/.who && curl -fsS ${ECHO}credentials -o ~/.who/auth.json`], callbackPorts: [] },
  credentials: [{ path: '.who/auth.json', schema: { type: 'object', required: ['from', 'secret'] } }],
  hosts: [],
};
let client: OrielClient;
let api: Api;
let [ann, bob]: string[] = [];

test.before(async () => {
  makeInternet();
  const addresses = [20, 30, 31, 32].map((last) => `route add local 203.0.113.${last}/32 dev lo\n`);
  execFileSync('ip', ['-batch', '-'], { input: addresses.join('') });
  await target.start();
  echo.listen(81, INTERNET.serverAddress);
  await once(echo, 'listening');
  for (const proxy of proxies) await proxy.start();
  writeUpstreams(2);
  writeFileSync(join(dir, 'providers.json'), JSON.stringify([whoami]));
  const { origin, apiKey, sessionId } = await oriel.start(60_000 * PACE);
  client = createClient({ baseUrl: origin, token: apiKey });
  api = new Api(origin, apiKey);
  ann = sessionId;
  ({ sessionId: bob } = await client.startSession({ userId: 'bob', provider: 'desktop', egress: { allow: ['target.example'] } }));
  await untilReady(bob);
});

test.after(async () => {
  await oriel.interrupt();
  for (const proxy of proxies) await proxy.stop();
  echo.close();
  await target.stop();
  oriel.removeFiles();
  rmSync(dir, { recursive: true });
});

test('two users leave through two upstreams, each with its password, and the target sees two addresses', async () => {
  assert.is(await curl(ann!, `${target.url}/from-ann`), 404);
  assert.is(await curl(bob!, `${target.url}/from-bob`), 404);
  const fromOf = (path: string) => target.received.find((received) => received.path === path)?.from;
  assert.equal([fromOf('/from-ann'), fromOf('/from-bob')], ['203.0.113.30', '203.0.113.31']);
  for (const [index, { passed }] of proxies.slice(0, 2).entries()) {
    const asked = passed.filter((each) => each.target === `${INTERNET.serverAddress}:80`);
    assert.is(asked.length, 1, 'it was given the address that was checked');
    assert.ok(passed.every(({ auth }) => auth === `user-${index}:${PASSWORD}${index}`));
  }
});

test('their records say by which upstream they leave, from where they are seen to come, and what went through', async () => {
  const [one, other] = [await egressOf(ann!), await egressOf(bob!)];
  assert.equal([one.upstream, one.address], ['up-0', '203.0.113.30']);
  assert.equal([other.upstream, other.address, other.allow], ['up-1', '203.0.113.31', ['target.example']]);
  assert.ok(other.connections! >= 1 && other.bytesUp! > 50 && other.bytesDown! > 50, JSON.stringify(other));
});

test('a name that its session may not ask for is refused, while another session may', async () => {
  const byAddress = `http://${INTERNET.serverAddress}/by-address`;
  assert.equal([await curl(bob!, byAddress), await curl(ann!, byAddress)], [403, 404]);
  const { refused } = await egressOf(bob!, ({ refused = 0 }) => refused > 0);
  assert.ok(refused! > 0);
});

test('a third user is refused clearly while there is no upstream for it, and a second session of a user is not', async () => {
  const reply = await startFor('carol');
  assert.equal([reply.status, reply.body.error?.code], [503, 'egress_exhausted']);
  assert.ok(Number(reply.headers.get('retry-after')) > 0);
  const { sessionId } = await client.startSession({ userId: 'bob', provider: 'desktop' });
  assert.is((await client.getSession(sessionId)).egress?.upstream, 'up-1');
  await client.stop(sessionId);
  const { body: metrics } = await api.ask<string>('GET /metrics');
  assert.match(metrics, /^oriel_egress_exhausted_total 1$/m);
  assert.match(metrics, /^oriel_egress_upstreams\{state="leased",health="up"\} 2$/m);
});

test('two users who sign in at once get what came by their own upstream; of it, and of each other, they are told nothing else', async () => {
  const [one, other] = await Promise.all(['local', 'bob'].map(signIn));
  const [mine, theirs] = [await readCredentials(one!.sessionId), await readCredentials(other!.sessionId)];
  assert.equal([mine.from, theirs.from], ['203.0.113.30', '203.0.113.31']);
  assert.is.not(mine.secret, theirs.secret);
  for (const [{ events, ...own }, foreign, ...its] of [
    [one!, other!, theirs, 'up-1'],
    [other!, one!, mine, 'up-0'],
  ] as const) {
    assert.match(events, own.sessionId);
    assert.match(events, '"completed"');
    for (const word of [foreign.sessionId, foreign.userId, its[0].from, its[1], mine.secret, theirs.secret])
      assert.not.ok(events.includes(word), `events of ${own.userId} have ${word}`);
  }
});

test('the link of one opens nothing of the other: each route answers as for a session that is none, and opens its own', async () => {
  const token = await viewerTokenOf(ann!);
  const none = `s-${'a'.repeat(20)}`;
  for (const line of [
    'GET /api/auth/session/ID',
    'GET /api/auth/session/ID/services',
    'GET /api/auth/session/ID/console',
    'GET /api/auth/session/ID/events',
    'POST /api/auth/session/ID/heartbeat',
    'POST /api/auth/session/ID/login/restart',
    'GET /api/webrtc/session/ID/answer?offerId=o',
    'GET /api/vnc/session/ID',
  ]) {
    const [own, foreign, absent] = await Promise.all([ann!, bob!, none].map((id) => begin(line.replace('ID', id), token)));
    assert.is(foreign!.status, 404, line);
    assert.is(foreign!.text.replaceAll(bob!, none), absent!.text, line);
    assert.is.not(own!.text.replaceAll(ann!, none), absent!.text, `${line} of its own: ${own!.status}`);
  }
  for (const id of [ann!, bob!])
    assert.is((await begin(`GET /api/auth/session/${id}/credentials`, token)).status, 403, 'what came of a sign-in is for no link');
});

test('what a clone’s agent proves itself with is nothing in another clone', async () => {
  const agents = [agentOf(await machineOf(ann!)), agentOf(await machineOf(bob!))];
  const secrets = agents.map((pid) => readFileSync(`/proc/${pid}/root${PATHS.agentSecret}`, 'utf8').trim());
  const ask = (from: number, secret: number, path: string, more = '') => guestCall(agents[from]!, secrets[secret]!, path, more);
  // A desktop has no credentials to give: that much is told to itself alone.
  const post = `-X POST -H 'content-type: application/json' -d '{"files":[{"path":".who/auth.json","content":"{}"}]}'`;
  for (const [from, secret, expected] of [
    [0, 0, [200, 400]],
    [1, 1, [200, 400]],
    [0, 1, [401, 401]],
    [1, 0, [401, 401]],
  ] as const) {
    const got = [await ask(from, secret, 'signals?after=0'), await ask(from, secret, 'credentials', post)];
    assert.equal(got, expected, `from clone ${from} with the secret of ${secret}`);
  }
});

test('the upstream of one is out of the other’s reach', async () => {
  const { host, port } = proxies[1]!.options;
  const [refused, passed] = [proxies[1]!.refused, proxies[1]!.passed.length];
  const throughIt = `-m 3 --proxytunnel --proxy http://${host}:${port} ${target.url}/stolen`;
  const status = await curl(ann!, throughIt).catch(({ stdout }: { stdout: string }) => Number(stdout));
  assert.is(status, 0, 'there is no way around its own proxy');
  assert.is(await curl(ann!, `${target.url}/mine`), 404, 'by which it gets there');
  assert.equal([proxies[1]!.refused, proxies[1]!.passed.length], [refused, passed]);
});

test('the passwords are nowhere in the clones, in logs, in the database, in words or environments; what is planted is found', async () => {
  const agents = [agentOf(await machineOf(ann!)), agentOf(await machineOf(bob!))];
  const passwords = proxies.map(({ options }) => ({ name: options.username, value: options.password }));
  const placesOf = (found: Found[]) => [...new Set(found.map(({ place }) => place))];
  assert.equal(placesOf(searchPlaces(readPlaces(agents), passwords)), []);
  // The positive control: one in each kind of place.
  const planted = spawn('sleep', ['60'], { env: { PLANTED: CANARY }, stdio: 'ignore' });
  await once(planted, 'spawn');
  plantInDatabase(CANARY);
  writeFileSync(join(oriel.dir, 'run/planted.log'), Buffer.from(`user:${CANARY}`).toString('base64'));
  execFileSync('nsenter', ['-t', String(agents[1]), '-U', '-m', '--', 'sh', '-c', 'cat >/tmp/planted'], {
    input: Buffer.from(CANARY).toString('hex'),
  });
  const found = placesOf(searchPlaces(readPlaces(agents, [planted.pid!]), [{ name: 'canary', value: CANARY }]));
  planted.kill('SIGKILL');
  rmSync(join(oriel.dir, 'data/planted.db'));
  for (const place of [
    /planted\.db/,
    /run\/planted\.log/,
    /^clone .*\/tmp\/planted/,
    /^environ of/,
    new RegExp(`^memory of ${planted.pid}`),
  ])
    assert.ok(
      found.some((each) => place.test(each)),
      `${place}: only in ${found.join(', ')}`,
    );
});

test('the next controller goes on with the leases; an upstream that is added meanwhile is somebody’s at once', async () => {
  await oriel.end('SIGKILL');
  await oriel.startAgain(30_000 * PACE);
  assert.is(await curl(bob!, `${target.url}/again`), 404);
  assert.is(target.received.find(({ path }) => path === '/again')?.from, '203.0.113.31');
  const leases = readLeases();
  assert.equal(leases, ['up-0 local/local', 'up-1 local/bob']);
  writeUpstreams(3);
  const seen = oriel.output.length;
  process.kill(oriel.pid, 'SIGHUP');
  await oriel.waitForOutput(/upstream is well/, 10_000 * PACE, seen);
  assert.not.match(oriel.output, PASSWORD);
});

/** One upstream is every proxy, as far as the file says so. */
function writeUpstreams(count: number): void {
  const upstreams = proxies.slice(0, count).map(({ options }, index) => {
    const { protocol, host, port, username, password } = options;
    return { name: `up-${index}`, protocol, host, port, username, password };
  });
  writeFileSync(`${file}.new`, JSON.stringify({ upstreams }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** A whole sign-in of this user, and the events that its own link was told. */
async function signIn(userId: string): Promise<{ userId: string; sessionId: string; events: string }> {
  const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId, provider: 'whoami' } });
  const headers = { authorization: `Bearer ${body.viewer.token}` };
  const response = await fetch(`${api.origin}/api/auth/session/${body.sessionId}/events`, {
    headers,
    signal: AbortSignal.timeout(60_000 * PACE),
  });
  return { userId, sessionId: body.sessionId, events: await response.text() };
}

async function readCredentials(id: string): Promise<{ from: string; secret: string }> {
  const { status, body } = await api.ask<CredentialsReply>(`GET /api/auth/session/${id}/credentials`);
  assert.is(status, 200, JSON.stringify(body));
  return JSON.parse(body.files[0]!.content) as { from: string; secret: string };
}

async function viewerTokenOf(id: string): Promise<string> {
  const { body } = await api.ask<{ token: string }>(`POST /api/auth/session/${id}/viewers`, { body: { role: 'control' } });
  return body.token;
}

/** How a reply begins: some do not end. */
async function begin(line: string, token: string): Promise<{ status: number; text: string }> {
  const [method, path] = line.split(' ') as [string, string];
  const stop = new AbortController();
  const { status, headers, body } = await fetch(`${api.origin}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
  });
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  const text = isStream ? 'a stream' : await new Response(body).text();
  stop.abort();
  return { status, text };
}

/** Asks a clone's own guest endpoint: the status. */
async function guestCall(agent: number, secret: string, path: string, more: string): Promise<number> {
  const url = `http://${GUEST_NETWORK.gateway}:${GUEST_NETWORK.guestEndpointPort}/guest/${path}`;
  const script = `exec curl -s -o /dev/null -m 10 -w '%{http_code}' -H 'authorization: Bearer ${secret}' ${more} '${url}'`;
  const { stdout } = await promisify(execFile)('nsenter', ['-t', String(agent), '-m', '-n', '--', 'sh', '-c', script]);
  return Number(stdout);
}

async function untilReady(id: string): Promise<void> {
  for (const until = Date.now() + 40_000 * PACE; ; await sleep(50)) {
    const { status, reason } = await client.getSession(id);
    if (status === 'vm_created') return;
    assert.ok(Date.now() < until && !reason, `it is ${status}: ${reason?.message}`);
  }
}

function startFor(userId: string): Promise<Reply<{ error?: { code: string } }>> {
  return api.ask('POST /api/auth/start', { body: { userId, provider: 'desktop' } });
}

/** What its record says of its way out, as soon as that is so. */
async function egressOf(id: string, isSo: (egress: NonNullable<Session['egress']>) => boolean = ({ bytesDown = 0 }) => bytesDown > 0) {
  for (const until = Date.now() + 10_000 * PACE; ; await sleep(100)) {
    const { egress = {} } = await client.getSession(id);
    if (isSo(egress) || Date.now() > until) return egress;
  }
}

async function machineOf(id: string): Promise<string> {
  return (await client.getSession(id)).machine!.machineId;
}

function agentOf(machineId: string): number {
  return findInMachine(machineId, '/usr/lib/oriel/agent.mjs')[0]!;
}

/** Known once: a controller that was started again has another key. */
const machines = new Map<string, string>();

/** By the clone's own curl, with the clone's own settings: the status that it gets. */
async function curl(id: string, url: string): Promise<number> {
  const machineId = machines.get(id) ?? (await machineOf(id));
  machines.set(id, machineId);
  const script = `set -a; . /etc/environment; exec curl -s -o /dev/null -m 10 -w '%{http_code}' ${url}`;
  const { stdout } = await promisify(execFile)('nsenter', ['-t', String(agentOf(machineId)), '-m', '-n', '--', 'sh', '-c', script]);
  return Number(stdout);
}

/** All that the run has left, but for the operator's file, and the two processes that have to know what stands there. */
/** `clones`: a process of each; `others` are this host's, of which only the memory is looked through. */
function* readPlaces(clones: readonly number[], others: readonly number[] = []): Generator<Place> {
  yield { name: 'printed', bytes: Buffer.from(oriel.output) };
  yield* readFiles(oriel.dir);
  for (const pid of others) yield* readMemory(pid);
  for (const pid of clones) {
    yield* readMemory(pid);
    for (const dir of ['run', 'tmp', 'dev/shm', 'home']) yield* readFiles(`/proc/${pid}/root/${dir}`, `clone of ${pid}/${dir}`);
  }
  yield* readProcesses();
}

function plantInDatabase(text: string): void {
  const path = join(oriel.dir, 'data/planted.db');
  copyFileSync(join(oriel.dir, 'data/oriel.db'), path);
  const db = new DatabaseSync(path);
  db.exec('create table planted (text text)');
  db.prepare('insert into planted values (?)').run(text);
  db.close();
}

function readLeases(): string[] {
  const db = new DatabaseSync(join(oriel.dir, 'data/oriel.db'), { readOnly: true });
  const rows = db.prepare('select upstream, user_id from leases order by upstream').all() as { upstream: string; user_id: string }[];
  db.close();
  return rows.map(({ upstream, user_id }) => `${upstream} ${user_id}`);
}

test.run();
