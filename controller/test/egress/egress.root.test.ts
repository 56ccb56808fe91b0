import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { suite, assert } from '#test/suite';
import type * as EgressModule from '../../src/egress/egress.ts';
import { run } from '../../src/host/run.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { toSlot } from '../../src/net/slot.ts';
import { UpstreamProxy } from '#test/upstream-proxy';
import type { Upstream } from '../../src/egress/control-protocol.ts';
import type { EgressLease } from '../../src/egress/egress.ts';
import { REFUSALS, type RefusalKind } from '../../src/egress/refused-kinds.ts';
import { measureEgress } from '../../src/metrics/egress.ts';
import { askFrom, type Question, type Reply } from './ask.ts';

/*
 * In a network of its own: two clones, a server on the internet (an address that this host does not carry), the same
 * server on addresses that must not be reached. The code lives in a directory that only root can enter.
 */
const test = suite('egress: process', { timeoutMs: 30_000 });
const [mine, other] = [toSlot('orieegr', 0), toSlot('orieegr', 1)];
const TARGET = '203.0.113.10';
const UPSTREAM = '203.0.113.20';
/** What the upstreams go out from. */
const OUTSIDE = '203.0.113.21';
/** Addresses of this host, all with a live server. */
const FORBIDDEN = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.96.0.1', '100.96.0.5', '203.0.113.1', '[::1]', '[fd00::7]'];
const NAMES = {
  'target.example': TARGET,
  'echo.example': TARGET,
  'inside.example': '10.1.2.3',
  'metadata.example': '169.254.169.254',
  'loop.example': '127.0.0.1',
};
const PASSWORD = 'planted-canary-4711';
const PROXY = '192.168.100.1:10001';

const toLease = (machineId: string, more: Partial<EgressLease> = {}): EgressLease => ({
  ...{ machineId, way: 'direct', rules: {} },
  limits: { connections: 1024, connectionsPerSecond: 1000 },
  ...more,
});

const log = pino({ level: 'silent' });
let dir: string;
let runDir: string;
let mod: typeof EgressModule;
let egress: EgressModule.Egress;
let web: HttpServer;
let echo: Server;
let greeter: Server;
/** Takes connections, and says nothing. */
let silent: Server;
const upstreams: UpstreamProxy[] = [];
const tunnels = new Set<Socket>();

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-egress-'));
  runDir = join(dir, 'run');
  await buildNetwork();
  await makeCertificate();
  await startServers();
  mod = await importFromPrivateDirectory();
  egress = await mod.startEgress({ runDir, log });
  await egress.open(mine, toLease('m-one'));
});

test.after(async () => {
  await egress?.stop();
  for (const slot of [mine, other]) await removeCloneNetwork(slot);
  for (const socket of tunnels) socket.destroy();
  for (const server of [web, echo, greeter, silent]) server?.close();
  for (const upstream of upstreams) await upstream.stop();
  await run(['umount', join(dir, 'private', 'repository')]);
  await run(['umount', '/etc/hosts']);
  await rm(dir, { recursive: true });
});

test('it is root no more, though its code can be read by root alone', async () => {
  const status = await readFile(`/proc/${egress.pid}/status`, 'utf8');
  assert.match(status, /^Uid:\t65534\t65534\t65534\t65534$/m);
  assert.match(status, /^Gid:\t65534\t65534\t65534\t65534$/m);
  assert.match(status, /^Groups:\s*$/m);
  assert.match(status, /^CapEff:\t0{16}$/m);
  assert.match(await readFile(`/proc/${egress.pid}/cmdline`, 'utf8'), /oriel-egress/);
  const file = join(dir, 'private/repository/controller/src/egress/main.ts');
  await run(['cat', file]);
  const refused = await run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'cat', file]).catch((error: unknown) => error);
  assert.match((refused as Error).message, /Permission denied/);
  assert.is((await stat(join(runDir, 'egress.sock'))).mode & 0o777, 0o600);
});

test('a clone reaches the internet, by page and by tunnel, by name and by address', async () => {
  assert.equal(
    await ask([
      { proxy: PROXY, get: 'http://target.example:8080/page' },
      { proxy: PROXY, get: `http://${TARGET}:8080/page` },
      { proxy: PROXY, connect: 'target.example:9000', say: 'hello' },
      { proxy: PROXY, connect: `${TARGET}:9000`, say: 'x'.repeat(100_000) },
    ]),
    [
      { status: 200, text: `page /page of target.example:8080 for ${TARGET}` },
      { status: 200, text: `page /page of ${TARGET}:8080 for ${TARGET}` },
      { status: 200, text: 'hello' },
      { status: 200, text: 'x'.repeat(100_000) },
    ],
  );
});

test('no address but the internet is reached, however it is written, and the refusal says why', async () => {
  const hosts = [
    ...FORBIDDEN,
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '2130706433',
    '0x7f.1',
    '127.1',
    'localhost',
    'inside.example',
    'metadata.example',
    'loop.example',
  ];
  const pages = await ask(hosts.map((host) => ({ proxy: PROXY, get: `http://${host}:8080/page` })));
  const bodies = await ask(hosts.map((host) => ({ proxy: PROXY, connect: `${host}:9000`, say: 'hello' })));
  hosts.forEach((host, index) => {
    assert.is(pages[index]!.status, 403, `${host}: ${pages[index]!.text}`);
    assert.match(pages[index]!.text, /cannot be reached from here: the (address|name) is .*A desktop reaches the internet only/);
    assert.is(bodies[index]!.status, 403, `tunnel to ${host}`);
  });
  for (const host of FORBIDDEN) {
    const direct = connect({ host: host.replace(/[[\]]/g, ''), port: 9000 });
    direct.end('alive');
    assert.is(await text(direct), 'alive', `${host} without the proxy`);
  }
});

test('what is not there is said in words', async () => {
  const replies = await ask([
    { proxy: PROXY, get: `http://${TARGET}:81/` },
    { proxy: PROXY, get: 'http://nobody.invalid/' },
    { proxy: PROXY, connect: `${TARGET}:81` },
  ]);
  assert.equal(
    replies.slice(0, 2).map(({ status }) => status),
    [502, 502],
  );
  assert.is(replies[0]!.text, `${TARGET}:81 refused the connection`);
  assert.match(replies[1]!.text, /^nobody\.invalid: /);
  assert.is(replies[2]!.status, 502);
});

test('nobody but the clone is served at its address', async () => {
  const question = { proxy: `${mine.hostAddress}:10001`, get: `http://${TARGET}:8080/page` };
  const [fromHost] = await askFrom(undefined, [question]);
  assert.is(fromHost!.status, 0);
});

for (const [index, protocol] of (['http', 'https', 'socks5'] as const).entries()) {
  test(`a lease with an upstream goes out by it (${protocol}), with its password, to the address that was checked`, async () => {
    await egress.open(other, toLease('m-two', { way: toWay(index) }));
    const replies = await askFrom(other.guestNetns, [
      { proxy: PROXY, get: 'http://target.example:8080/from' },
      { proxy: PROXY, connect: 'target.example:9000', say: 'through' },
      { proxy: PROXY, connect: 'target.example:9001', say: '' },
      { proxy: PROXY, get: 'http://127.0.0.1:8080/up' },
      { proxy: PROXY, get: 'http://inside.example:8080/up' },
      { proxy: PROXY, connect: 'metadata.example:80' },
      { proxy: PROXY, connect: 'db.internal:5432' },
    ]);
    assert.equal(
      replies.map(({ status }) => status),
      [200, 200, 200, 403, 403, 403, 403],
    );
    assert.equal(replies.map(({ text }) => text).slice(0, 3), [
      `page /from of target.example:8080 for ${OUTSIDE}`,
      'through',
      'a greeting',
    ]);
    const { passed } = upstreams[index]!;
    assert.equal(passed.map(({ target }) => target).sort(), [`${TARGET}:8080`, `${TARGET}:9000`, `${TARGET}:9001`]);
    assert.ok(passed.every(({ auth }) => auth === `user:${PASSWORD}`));
    const [fromMine] = await ask([{ proxy: PROXY, get: 'http://target.example:8080/page' }]);
    assert.match(fromMine!.text, /^page \/page of target.example:8080 for (?!203.0.113.21)/, "the other clone's way is its own");
  });
}

test('what an upstream says no to is said in words, without it', async () => {
  await egress.open(other, toLease('m-two', { way: { ...toWay(0), password: 'wrong' } }));
  const question = { proxy: PROXY, get: 'http://target.example:8080/' };
  const [wrong] = await askFrom(other.guestNetns, [question]);
  await egress.open(other, toLease('m-two', { way: { ...toWay(2), password: 'wrong' } }));
  const [wrongSocks] = await askFrom(other.guestNetns, [question]);
  await egress.open(other, toLease('m-two', { way: { ...toWay(0), port: 9 } }));
  const [away] = await askFrom(other.guestNetns, [question]);
  await egress.open(other, toLease('m-two', { way: 'none' }));
  const [none] = await askFrom(other.guestNetns, [question]);
  assert.equal(
    [wrong, wrongSocks, away, none],
    [
      { status: 502, text: 'the way out does not know its password' },
      { status: 502, text: 'the way out does not know its password' },
      { status: 502, text: 'the way out cannot be reached' },
      { status: 503, text: 'there is no way out any more: the operator took it away' },
    ],
  );
});

test('a probe tells whether a way works, and from where it is seen to come', async () => {
  const url = 'http://target.example:8080/address';
  const timeoutMs = 4_000;
  const tries = await Promise.all([
    ...upstreams.map((_, index) => egress.probe({ way: toWay(index), url, timeoutMs })),
    egress.probe({ way: toWay(0), timeoutMs }),
    egress.probe({ way: { ...toWay(0), password: 'wrong' }, url, timeoutMs }),
    egress.probe({ way: toWay(0), url: 'http://target.example:81/', timeoutMs }),
    egress.probe({ way: toWay(0), url: 'http://target.example:8080/404', timeoutMs }),
    egress.probe({ way: toWay(0), url: 'http://target.example:9002/', timeoutMs: 200 }),
    egress.probe({ way: { ...toWay(0), port: 9 }, timeoutMs }),
  ]);
  assert.equal(
    tries.map(({ why, address }) => why ?? address ?? 'well'),
    [
      ...[OUTSIDE, OUTSIDE, OUTSIDE, 'well'],
      'the way out does not know its password',
      'the way out answered 502',
      'what is probed answered 404',
      'no answer within 200 ms',
      'the way out cannot be reached',
    ],
  );
});

test('names that its session may not ask for are refused, whatever else is written beside them', async () => {
  await egress.open(other, toLease('m-two', { rules: { allow: ['*.example'], deny: ['echo.example'] } }));
  const replies = await askFrom(other.guestNetns, [
    { proxy: PROXY, get: 'http://target.example:8080/page', host: 'echo.example' },
    { proxy: PROXY, get: 'http://TARGET.example.:8080/page' },
    { proxy: PROXY, get: 'http://echo.example:8080/page', host: 'target.example' },
    { proxy: PROXY, connect: 'ECHO.example.:9000' },
    { proxy: PROXY, connect: '%65cho.example:9000' },
    { proxy: PROXY, get: `http://${TARGET}:8080/page` },
  ]);
  assert.equal(
    replies.map(({ status }) => status),
    [200, 200, 403, 403, 403, 403],
  );
  assert.match(replies[0]!.text, /of target\.example:8080 for/, 'the server is told the host that was asked for');
  assert.is(replies[3]!.text.includes('echo.example may not be reached') || replies[3]!.text === 'Forbidden', true);
  await egress.open(other, toLease('m-two'));
  const [free] = await askFrom(other.guestNetns, [{ proxy: PROXY, connect: 'echo.example:9000', say: 'hello' }]);
  assert.is(free!.text, 'hello', 'the same without rules');
});

test('more connections, a second or at one time, or more bytes than a session may have are refused, and each is counted', async () => {
  const question = { proxy: PROXY, get: `http://${TARGET}:8080/page` };
  const ask20 = async (more: Partial<EgressLease['limits']>, machineId: string) => {
    await egress.open(other, toLease(machineId, { limits: { connections: 1024, connectionsPerSecond: 1000, ...more } }));
    const replies = await askFrom(other.guestNetns, Array(20).fill(question) as (typeof question)[]);
    const { refused } = (await egress.counts())[other.index]!;
    return { good: replies.filter(({ status }) => status === 200).length, refused };
  };
  assert.equal(await ask20({}, 'm-free'), { good: 20, refused: {} });
  const rated = await ask20({ connectionsPerSecond: 2 }, 'm-rated');
  assert.ok(rated.good >= 6 && rated.good < 20 && rated.refused.rate! >= 20 - rated.good, JSON.stringify(rated));
  const few = await ask20({ connections: 3 }, 'm-few');
  assert.ok(few.good < 20 && few.refused.connections! > 0, JSON.stringify(few));
  await ask20({ bytes: 1000 }, 'm-used');
  const [used] = await askFrom(other.guestNetns, [question]);
  assert.equal([used!.status, used!.text], [403, 'this desktop has used up its 1000 bytes']);
  const before = (await egress.counts())[other.index]!;
  await egress.open(other, toLease('m-used', { limits: { connections: 9, connectionsPerSecond: 9, bytes: 1000 } }));
  const after = (await egress.counts())[other.index]!;
  assert.is(after.bytesDown, before.bytesDown, 'another lease of the same machine begins with what was used up');
  const { refused } = await egress.totals();
  assert.ok(refused.address! > 0 && refused.name! > 0 && refused.rule! > 0 && refused.stranger! > 0, JSON.stringify(refused));
});

test('each class of refusal is told to Prometheus, by its name alone', async () => {
  const registry = new Registry();
  measureEgress([registry], () => egress.totals());
  const page = { proxy: PROXY, get: `http://${TARGET}:8080/page` };
  const few = { connections: 1024, connectionsPerSecond: 1000 };
  const ways: Record<RefusalKind, { question: Question; lease?: Partial<EgressLease>; times?: number; isFromHost?: true }> = {
    syntax: { question: { proxy: PROXY, get: 'http://a..b:8080/' } },
    address: { question: { proxy: PROXY, connect: '10.1.2.3:9000' } },
    name: { question: { proxy: PROXY, connect: 'db.internal:9000' } },
    rule: { question: { proxy: PROXY, connect: 'echo.example:9000' }, lease: { rules: { deny: ['echo.example'] } } },
    rate: { question: page, lease: { limits: { ...few, connectionsPerSecond: 1 } }, times: 30 },
    connections: { question: page, lease: { limits: { ...few, connections: 1 } }, times: 20 },
    bytes: { question: page, lease: { limits: { ...few, bytes: 1 } }, times: 2 },
    stranger: { question: { ...page, proxy: `${other.hostAddress}:10001` }, isFromHost: true },
    closed: { question: page, lease: { way: 'none' } },
  };
  for (const kind of REFUSALS) {
    const { question, lease, times = 1, isFromHost } = ways[kind];
    const ask = async () => {
      const before = await readRefusals(registry);
      for (let n = 0; n < 2; n++) await askFrom(isFromHost ? undefined : other.guestNetns, Array<Question>(times).fill(question));
      const after = await readRefusals(registry);
      return REFUSALS.filter((one) => after[one]! > before[one]!);
    };
    await egress.open(other, toLease(`m-${kind}`, lease));
    assert.equal(await ask(), [kind]);
    if (!lease) continue;
    await egress.open(other, toLease(`m-free-${kind}`));
    assert.equal(await ask(), [], `${kind}: the same, of a clone that may`);
  }
});

test('the password is in no log, in no form, and a search that finds it elsewhere does not find it there', async () => {
  const forms = [
    PASSWORD,
    Buffer.from(`user:${PASSWORD}`).toString('base64'),
    Buffer.from(PASSWORD).toString('hex'),
    encodeURIComponent(PASSWORD),
  ];
  await writeFile(join(dir, 'planted'), forms.join('\n'));
  const search = async (path: string) => {
    const content = await readFile(path, 'utf8');
    return forms.filter((form) => content.includes(form));
  };
  assert.is((await search(join(dir, 'planted'))).length, forms.length);
  assert.match(await readFile(join(runDir, 'egress.log'), 'utf8'), /slot opened/);
  for (const name of await readdir(runDir)) if (!name.endsWith('.sock')) assert.equal(await search(join(runDir, name)), [], name);
});

test('a wrong lease is refused without its value', async () => {
  const way = { ...toWay(0), protocol: 'gopher' } as unknown as EgressLease['way'];
  const error = await egress.open(other, toLease('m-two', { way })).catch((reason: unknown) => reason);
  assert.match((error as Error).message, /400 .*\/way\/protocol must be equal to one of/);
  assert.not.match((error as Error).message, PASSWORD);
});

test('the same lease again leaves connections alone; closing ends them all, on both sides', async () => {
  const client = await openTunnel();
  await egress.open(mine, toLease('m-one'));
  client.stdin.write('still there');
  assert.is(String((await once(client.stdout, 'data'))[0]), 'still there');
  const { [mine.index]: counts } = await egress.counts();
  assert.is(counts!.machineId, 'm-one');
  assert.is(counts!.open, 1);
  assert.ok(counts!.bytesUp > 100_000 && counts!.bytesDown > 100_000, JSON.stringify(counts));

  const far = [...tunnels].filter((socket) => !socket.destroyed);
  assert.is(far.length, 1);
  const ended = Promise.all([once(client, 'exit'), once(far[0]!, 'close')]);
  const last = await egress.close(mine);
  await ended;
  assert.is(last!.open, 0);
  assert.ok(last!.connections >= counts!.connections);
  assert.is(await egress.close(mine), undefined, 'closing twice is no error');
  const [refused] = await ask([{ proxy: PROXY, get: `http://${TARGET}:8080/page` }]);
  assert.is(refused!.status, 0);
  await egress.open(mine, toLease('m-three'));
  assert.is((await ask([{ proxy: PROXY, get: `http://${TARGET}:8080/page` }]))[0]!.status, 200);
});

test('it outlives the controller with its connections, and the next controller adopts it', async () => {
  await egress.stop();
  await egress.exited;
  const pid = await startByControllerThatIsKilled();
  const client = await openTunnel();
  egress = await mod.startEgress({ runDir, log });
  assert.equal([egress.adopted, egress.pid], [true, pid]);
  await egress.open(mine, toLease('m-one'));
  client.stdin.write('through it all');
  assert.is(String((await once(client.stdout, 'data'))[0]), 'through it all');
  client.kill();
});

test('a process that cannot start says why', async () => {
  const error = await mod.startEgress({ runDir: join(dir, 'x'.repeat(120)), log }).catch((reason: unknown) => reason);
  assert.match((error as Error).message, /^egress process/);
});

test('when it dies by itself that is seen', async () => {
  process.kill(egress.pid, 'SIGKILL');
  await egress.exited;
  egress = await mod.startEgress({ runDir, log });
  assert.is(egress.adopted, false);
});

test('stopped, it leaves no process and no socket', async () => {
  const { pid } = egress;
  await egress.stop();
  await egress.exited;
  assert.not.ok((await readdir(runDir)).includes('egress.sock'));
  assert.not.match(await run(['ps', '-eo', 'pid,stat']), new RegExp(`^\\s*${pid} [^Z]`, 'm'));
  await egress.stop();
});

/** As a scrape shows them. */
async function readRefusals(registry: Registry): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).matchAll(/^oriel_egress_refusals_total\{reason="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, reason, count]) => [reason!, Number(count)]));
}

async function buildNetwork(): Promise<void> {
  const local = [TARGET, UPSTREAM, OUTSIDE].map((address) => `route add local ${address}/32 dev lo`);
  const own = ['10.1.2.3', '169.254.169.254', '203.0.113.1', 'fd00::7'].map((address) => `address add ${address} dev lo`);
  await run(['ip', '-batch', '-'], { input: ['link set lo up', ...local, ...own, ''].join('\n') });
  const hosts = Object.entries(NAMES).map(([name, address]) => `${address} ${name}\n`);
  await writeFile(join(dir, 'hosts'), `127.0.0.1 localhost\n${hosts.join('')}`);
  await chmod(join(dir, 'hosts'), 0o644);
  await chmod(dir, 0o755);
  await run(['mount', '--bind', join(dir, 'hosts'), '/etc/hosts']);
  for (const slot of [mine, other]) await createCloneNetwork(slot, { guestPorts: [] });
}

/** Of the HTTPS upstream; the egress process is told to trust it. */
async function makeCertificate(): Promise<void> {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const names = ['-subj', '/CN=upstream', '-addext', `subjectAltName=IP:${UPSTREAM}`];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-days', '2'];
  await run(['openssl', 'req', '-x509', ...made, ...names]);
  process.env.NODE_EXTRA_CA_CERTS = cert;
}

function toWay(index: number): Upstream {
  const { protocol, port } = upstreams[index]!.options;
  return { protocol, host: UPSTREAM, port, username: 'user', password: PASSWORD };
}

async function startServers(): Promise<void> {
  web = createHttpServer((request, response) => {
    const from = request.socket.remoteAddress!.replace('::ffff:', '');
    if (request.url === '/address') return response.end(`{"ip": "${from}"}`);
    response.writeHead(request.url === '/404' ? 404 : 200).end(`page ${request.url} of ${request.headers.host} for ${from}`);
  }).listen(8080);
  greeter = createServer((socket) => socket.on('error', () => {}).end('a greeting')).listen(9001);
  silent = createServer((socket) => socket.on('error', () => {})).listen(9002);
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    tunnels.add(socket);
    socket.on('error', () => {}).on('close', () => tunnels.delete(socket));
    socket.pipe(socket);
  }).listen(9000);
  await Promise.all([web, echo, greeter, silent].map((server) => once(server, 'listening')));
  const tls = { key: await readFile(join(dir, 'key.pem')), cert: await readFile(join(dir, 'cert.pem')) };
  for (const [index, protocol] of (['http', 'https', 'socks5'] as const).entries()) {
    const options = { protocol, host: UPSTREAM, port: 3128 + index, username: 'user', password: PASSWORD, outAddress: OUTSIDE, tls };
    upstreams.push(new UpstreamProxy(options));
    await upstreams[index]!.start();
  }
}

/** The repository once more, where an unprivileged user cannot get: the process must have read all that it needs while it was root. */
async function importFromPrivateDirectory(): Promise<typeof EgressModule> {
  const copy = join(dir, 'private', 'repository');
  await mkdir(copy, { recursive: true });
  await chmod(join(dir, 'private'), 0o700);
  await run(['mount', '--bind', join(import.meta.dirname, '../../..'), copy]);
  return (await import(join(copy, 'controller/src/egress/egress.ts'))) as typeof EgressModule;
}

function ask(questions: Question[]): Promise<Reply[]> {
  return askFrom(mine.guestNetns, questions);
}

/** A tunnel from the first clone that stays open: a process in its namespace that relays its input and output. */
async function openTunnel(): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const code = `
    const { connect } = require('node:net');
    const socket = connect(10001, '192.168.100.1', () => socket.write('CONNECT ${TARGET}:9000 HTTP/1.1\\r\\nHost: ${TARGET}:9000\\r\\n\\r\\n'));
    socket.once('data', () => { process.stdout.write('open'); process.stdin.pipe(socket).pipe(process.stdout); });
    socket.on('close', () => process.exit()).on('error', () => {});`;
  const argv = [`--net=/run/netns/${mine.guestNetns}`, '--', process.execPath, '-e', code];
  const child = spawn('nsenter', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

/** A controller that starts the process, opens a slot, and is killed −9. */
async function startByControllerThatIsKilled(): Promise<number> {
  const code = `
    const { startEgress } = await import(${JSON.stringify(join(dir, 'private/repository/controller/src/egress/egress.ts'))});
    const { pino } = await import('pino');
    const egress = await startEgress({ runDir: ${JSON.stringify(runDir)}, log: pino({ level: 'silent' }) });
    await egress.open(${JSON.stringify(mine)}, ${JSON.stringify(toLease('m-one'))});
    process.stdout.write(String(egress.pid));
    setInterval(() => {}, 1000);`;
  const argv = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => Promise.reject<never>(new Error(`the controller ended by itself with code ${code}`)));
  const [pid] = await Promise.race([once(child.stdout, 'data') as Promise<[Buffer]>, ended]);
  ended.catch(() => {});
  child.kill('SIGKILL');
  await exited;
  await sleep(50);
  return Number(pid);
}

test.run();
