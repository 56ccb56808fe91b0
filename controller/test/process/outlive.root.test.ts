import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeCensus } from '#test/census';
import { findLeftOver } from '#test/left-over';
import { isLong } from '#test/long';
import { Oriel } from '#test/oriel';
import { assert, suite } from '#test/suite';
import { fromKernelArgs } from '#contract/kernel-line';
import type { MachineConfig } from '#contract/machine-config';
import { GUEST_NETWORK } from '#contract/network';
import type { Session } from '#contract/session';
import { SCOPES } from '../../src/auth/access.ts';
import { toHash } from '../../src/auth/hash.ts';
import { run } from '../../src/host/run.ts';
import { toSlot } from '../../src/net/slot.ts';
import { openStore } from '../../src/store/store.ts';
import { API_KEY, READY, VNC_SECRET } from '../fakes/controller.ts';
import { makeTinyImage } from '../machines/tiny-image.ts';

const test = suite('a controller that is killed', { timeoutMs: isLong ? 250_000 : 60_000 });

const INIT = `#!/usr/bin/dash
trap 'exit 0' TERM
echo up
while :; do sleep 0.05; done
`;
const KILLS = isLong ? 25 : 5;
const LIMIT_MS = 15_000;
const INSTANCE = 'orielou';

const images = mkdtempSync(join(tmpdir(), 'oriel-images-'));
const oriel = new Oriel({
  instance: INSTANCE,
  env: {
    ORIEL_IMAGE_DIR: images,
    ORIEL_DRIVER: 'container',
    ORIEL_MEMORY_MIB: '256',
    ORIEL_MAX_SESSIONS: '5',
    ORIEL_BOOT_TIMEOUT_SECONDS: '60',
  },
});
const data = join(oriel.dir, 'data');
let before: string[] = [];
let viewed: Guest & { id: string };

/** What this test says in the place of the agent in a machine. */
interface Guest {
  config: MachineConfig;
  slot: number;
  secret: string;
}

test.before(async () => {
  await run(['ip', 'link', 'set', 'lo', 'up']);
  before = takeCensus();
  await makeImageDir();
  const started = oriel.start(LIMIT_MS);
  await oriel.waitForOutput(/token[^\n]*: *\S{20,}/, LIMIT_MS);
  // The one that it prints lives no longer than it.
  withStore(({ keys }) =>
    keys.insert({ id: 'k', name: 'test', hash: toHash(API_KEY), owner: 'local', scopes: SCOPES }, new Date().toISOString()),
  );
  const guest = await becomeGuest(0);
  await tell(guest, '/guest/status', READY);
  const { sessionId } = await started;
  viewed = { ...guest, id: sessionId };
});

test.after(() => {
  oriel.removeFiles();
  rmSync(images, { recursive: true, force: true });
});

test('a desktop that can be viewed keeps its machine and its pid, and its guest is known, after each kill -9', async () => {
  const [row] = rows();
  for (let kill = 0; kill < KILLS; kill++) {
    await oriel.end('SIGKILL');
    assert.ok(isAlive(row!.pid!), 'the machine lives without a controller');
    await oriel.startAgain();
    const [now, ...more] = rows();
    assert.equal([now?.pid, now?.startTime, now?.machineId, more.length], [row?.pid, row?.startTime, row?.machineId, 0]);
    assert.is(await tell(viewed, '/guest/status', READY), 204);
    assert.is(await tell({ ...viewed, secret: 'x'.repeat(43) }, '/guest/status', READY), 401);
  }
  assert.is(readSession(viewed.id).status, 'vm_created');
  assert.is(count(/conmon .*--cid=m-/), 1);
});

test('one that waits for its guest goes on waiting, on the same machine', async () => {
  await oriel.end('SIGTERM');
  await oriel.startAgain();
  const id = await startSession('ann');
  await until(() => readSession(id)?.phases.some(({ name }) => name === 'boot'));
  const row = rows().find(({ sessionId }) => sessionId === id)!;
  await oriel.end('SIGKILL');
  await oriel.startAgain();
  const guest = await becomeGuest(row.slot);
  await tell(guest, '/guest/status', READY);
  await until(() => readSession(id)?.status === 'vm_created');
  assert.is(rows().find(({ sessionId }) => sessionId === id)?.pid, row.pid);
  assert.is(guest.config.machineId, row.machineId);
});

test('one that is killed with its controller at whatever step comes up on a machine, and on one alone', async () => {
  for (const ms of isLong ? Array.from({ length: 50 }, () => Math.random() * 400) : [5, 40, 80, 120, 160, 200, 300]) {
    const id = await startSession('bob');
    await sleep(ms);
    await oriel.end('SIGKILL');
    await oriel.startAgain();
    await until(() => readSession(id)?.phases.some(({ name }) => name === 'boot'));
    const own = rows().filter(({ sessionId }) => sessionId === id);
    assert.is(own.length, 1, `after ${ms} ms`);
    assert.ok(isAlive(own[0]!.pid!));
    assert.is(count(/conmon .*--cid=m-/), rows().length, `after ${ms} ms`);
    await stopSession(id);
  }
});

test('one that was just being ended is gone after the next start', async () => {
  for (const ms of [0, 10, 30, 60, 120]) {
    const id = await startSession('dan');
    await until(() => readSession(id)?.phases.some(({ name }) => name === 'boot'));
    const stopping = stopSession(id).catch(() => undefined);
    await sleep(ms);
    await oriel.end('SIGKILL');
    await stopping;
    await oriel.startAgain();
    // The question may not have been heard.
    if (readSession(id).status === 'vm_creating') await stopSession(id);
    assert.is(readSession(id).status, 'stopped');
    assert.not.ok(
      rows().some(({ sessionId }) => sessionId === id),
      `after ${ms} ms`,
    );
    assert.is(count(/conmon .*--cid=m-/), rows().length, `after ${ms} ms`);
  }
});

test('a machine that died meanwhile fails its session, and says how', async () => {
  const id = await startSession('eve');
  await until(() => readSession(id)?.phases.some(({ name }) => name === 'boot'));
  const { pid } = rows().find(({ sessionId }) => sessionId === id)!;
  await oriel.end('SIGKILL');
  process.kill(pid!, 'SIGKILL');
  await oriel.startAgain();
  const session = await until(() => (readSession(id).status === 'failed' ? readSession(id) : undefined));
  assert.match(session.reason!.message, /killed by SIGKILL; its last lines:\nup/);
  await until(() => !rows().some(({ sessionId }) => sessionId === id));
});

test('a start that fails leaves all to the next', async () => {
  const { pid } = rows()[0]!;
  await oriel.end('SIGKILL');
  const other = createServer().listen(7080, '127.0.0.1');
  await once(other, 'listening');
  const error = await oriel.startAgain().catch((reason: Error) => reason);
  assert.match(String(error), /EADDRINUSE/);
  other.close();
  assert.ok(isAlive(pid!));
  await oriel.startAgain();
  assert.equal([rows()[0]?.pid, readSession(viewed.id).status], [pid, 'vm_created']);
});

test('no secret lies in the data directory in plain', async () => {
  const found = (secret: string) =>
    readdirSync(data)
      .filter((name) => name.startsWith('oriel.db'))
      .some((name) => readFileSync(join(data, name)).includes(secret));
  assert.equal([viewed.secret, viewed.config.token, VNC_SECRET].map(found), [false, false, false]);
  assert.ok(found(viewed.config.machineId), 'and what is there is found');
  assert.is(statSync(join(data, 'seal.key')).mode & 0o777, 0o600);
});

test('`down` ends the controller and the machines that it would have left, and a census is as before', async () => {
  await oriel.interrupt();
  assert.equal(rows(), []);
  assert.is(readSession(viewed.id).status, 'stopped');
  assert.equal(await findLeftOver(before, { instance: INSTANCE, dir: oriel.dir }), []);
});

async function makeImageDir(): Promise<void> {
  const { id, rootfs } = await makeTinyImage(images, { init: INIT });
  mkdirSync(join(images, id));
  renameSync(rootfs, join(images, id, 'rootfs.erofs'));
  const bytes = statSync(join(images, id, 'rootfs.erofs')).size;
  writeFileSync(join(images, id, 'manifest.json'), JSON.stringify({ schema: 1, id, rootfs: { file: 'rootfs.erofs', bytes } }));
  symlinkSync(id, join(images, 'latest'));
}

/** Says hello in the place of the agent in this slot's machine, as soon as that is told who it is. */
async function becomeGuest(slot: number): Promise<Guest> {
  const config = await until(() => readConfig(slot));
  const { machineId, protocol, token } = config;
  const guest = { config, slot, secret: token };
  const reply = await until(() => post(guest, '/guest/hello', { machineId, protocol, vncSecret: VNC_SECRET }).catch(() => undefined));
  return { ...guest, secret: ((await reply.json()) as { secret: string }).secret };
}

async function tell(guest: Guest, path: string, body: unknown): Promise<number> {
  return (await post(guest, path, body)).status;
}

function post({ slot, secret }: Guest, path: string, body: unknown): Promise<Response> {
  return fetch(`http://${toSlot(INSTANCE, slot).hostAddress}:${GUEST_NETWORK.guestEndpointPort}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function readConfig(slot: number): MachineConfig | undefined {
  const row = rows().find((each) => each.slot === slot);
  if (!row) return undefined;
  try {
    const { process } = JSON.parse(readFileSync(join(row.runDir, 'bundle/config.json'), 'utf8')) as { process: { args: string[] } };
    return fromKernelArgs(process.args.join(' '));
  } catch {
    return undefined;
  }
}

async function startSession(userId: string): Promise<string> {
  const { output } = oriel;
  const reply = await fetch('http://127.0.0.1:7080/api/auth/start', {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId, provider: 'desktop' }),
  });
  assert.is(reply.status, 200, output.slice(-500));
  return ((await reply.json()) as { sessionId: string }).sessionId;
}

async function stopSession(id: string): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}` };
  assert.is((await fetch(`http://127.0.0.1:7080/api/auth/session/${id}`, { method: 'DELETE', headers })).status, 204);
}

function withStore<T>(read: (store: ReturnType<typeof openStore>) => T): T {
  // The controller writes, too.
  const store = openStore(join(data, 'oriel.db'), undefined, 5_000);
  try {
    return read(store);
  } finally {
    store.close();
  }
}

const rows = () => withStore(({ machines }) => machines.list());
const readSession = (id: string) => withStore(({ sessions }) => sessions.read(id)) as Session;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function count(commandLine: RegExp): number {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isOurs(pid, commandLine)).length;
}

function isOurs(pid: string, commandLine: RegExp): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return commandLine.test(text) && text.includes(data);
  } catch {
    return false;
  }
}

async function until<T>(read: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(20)) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
  }
  throw new Error(`not within ${LIMIT_MS} ms; the controller said:\n${oriel.output.slice(-2000)}`);
}

test.run();
