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
import { suite, assert } from '#test/suite';
import type * as EgressModule from '../../src/egress/egress.ts';
import { run } from '../../src/host/run.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { toSlot } from '../../src/net/slot.ts';
import { askFrom, type Question, type Reply } from './ask.ts';

/*
 * In a network of its own: two clones, a server on the internet (an address that this host does not carry), the same
 * server on addresses that must not be reached. The code lives in a directory that only root can enter.
 */
const test = suite('egress: process', { timeoutMs: 30_000 });
const [mine, other] = [toSlot('orieegr', 0), toSlot('orieegr', 1)];
const TARGET = '203.0.113.10';
const UPSTREAM = '203.0.113.20';
/** Addresses of this host, all with a live server. */
const FORBIDDEN = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.96.0.1', '100.96.0.5', '203.0.113.1', '[::1]', '[fd00::7]'];
const NAMES = {
  'target.example': TARGET,
  'inside.example': '10.1.2.3',
  'metadata.example': '169.254.169.254',
  'loop.example': '127.0.0.1',
};
const PASSWORD = 'planted-canary-4711';
const PROXY = '192.168.100.1:10001';

const log = pino({ level: 'silent' });
let dir: string;
let runDir: string;
let mod: typeof EgressModule;
let egress: EgressModule.Egress;
let web: HttpServer;
let echo: Server;
let upstream: HttpServer;
const asked: { url: string; auth: string }[] = [];
const tunnels = new Set<Socket>();

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-egress-'));
  runDir = join(dir, 'run');
  await buildNetwork();
  await startServers();
  mod = await importFromPrivateDirectory();
  egress = await mod.startEgress({ runDir, log });
  await egress.open(mine, { machineId: 'm-one' });
});

test.after(async () => {
  await egress.stop();
  for (const slot of [mine, other]) await removeCloneNetwork(slot);
  for (const socket of tunnels) socket.destroy();
  for (const server of [web, echo, upstream]) server.close();
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
      { status: 200, text: 'page /page' },
      { status: 200, text: 'page /page' },
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
    assert.match(pages[index]!.text, /cannot be reached from here: the address is .*A desktop reaches the internet only/);
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

test('a lease with an upstream goes out by it, with its password; a wrong target is not even asked for', async () => {
  await egress.open(other, { machineId: 'm-two', upstream: `http://user:${PASSWORD}@${UPSTREAM}:3128` });
  const replies = await askFrom(other.guestNetns, [
    { proxy: PROXY, get: 'http://target.example:8080/up' },
    { proxy: PROXY, connect: 'far.example:443', say: 'through' },
    { proxy: PROXY, get: 'http://127.0.0.1:8080/up' },
    { proxy: PROXY, connect: 'db.internal:5432' },
  ]);
  assert.equal(
    replies.map(({ status }) => status),
    [200, 200, 403, 403],
  );
  assert.equal(replies.map(({ text }) => text).slice(0, 2), ['upstream http://target.example:8080/up', 'through']);
  const auth = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`;
  assert.equal(
    asked.sort((a, b) => a.url.localeCompare(b.url)),
    [
      { url: 'far.example:443', auth },
      { url: 'http://target.example:8080/up', auth },
    ],
  );
  const [fromMine] = await ask([{ proxy: PROXY, get: 'http://target.example:8080/page' }]);
  assert.is(fromMine!.text, 'page /page', "the other clone's way is its own");
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
  const error = await egress
    .open(other, { machineId: 'm-two', upstream: `gopher://user:${PASSWORD}@x` })
    .catch((reason: unknown) => reason);
  assert.match((error as Error).message, /400 .*\/upstream must match pattern/);
  assert.not.match((error as Error).message, PASSWORD);
});

test('the same lease again leaves connections alone; closing ends them all, on both sides', async () => {
  const client = await openTunnel();
  await egress.open(mine, { machineId: 'm-one' });
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
  await egress.open(mine, { machineId: 'm-three' });
  assert.is((await ask([{ proxy: PROXY, get: `http://${TARGET}:8080/page` }]))[0]!.status, 200);
});

test('it outlives the controller with its connections, and the next controller adopts it', async () => {
  await egress.stop();
  await egress.exited;
  const pid = await startByControllerThatIsKilled();
  const client = await openTunnel();
  egress = await mod.startEgress({ runDir, log });
  assert.equal([egress.adopted, egress.pid], [true, pid]);
  await egress.open(mine, { machineId: 'm-one' });
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

async function buildNetwork(): Promise<void> {
  const local = [TARGET, UPSTREAM].map((address) => `route add local ${address}/32 dev lo`);
  const own = ['10.1.2.3', '169.254.169.254', '203.0.113.1', 'fd00::7'].map((address) => `address add ${address} dev lo`);
  await run(['ip', '-batch', '-'], { input: ['link set lo up', ...local, ...own, ''].join('\n') });
  const hosts = Object.entries(NAMES).map(([name, address]) => `${address} ${name}\n`);
  await writeFile(join(dir, 'hosts'), `127.0.0.1 localhost\n${hosts.join('')}`);
  await chmod(join(dir, 'hosts'), 0o644);
  await chmod(dir, 0o755);
  await run(['mount', '--bind', join(dir, 'hosts'), '/etc/hosts']);
  for (const slot of [mine, other]) await createCloneNetwork(slot, { guestPorts: [] });
}

async function startServers(): Promise<void> {
  web = createHttpServer((request, response) => response.end(`page ${request.url}`)).listen(8080);
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    tunnels.add(socket);
    socket.on('error', () => {}).on('close', () => tunnels.delete(socket));
    socket.pipe(socket);
  }).listen(9000);
  upstream = createHttpServer((request, response) => {
    asked.push({ url: request.url!, auth: request.headers['proxy-authorization'] ?? '' });
    response.end(`upstream ${request.url}`);
  });
  upstream.on('connect', (request, socket) => {
    asked.push({ url: request.url!, auth: request.headers['proxy-authorization'] ?? '' });
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.pipe(socket);
  });
  upstream.listen(3128, UPSTREAM);
  await Promise.all([web, echo, upstream].map((server) => once(server, 'listening')));
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
    await egress.open(${JSON.stringify(mine)}, { machineId: 'm-one' });
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
