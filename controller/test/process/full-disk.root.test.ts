import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Api } from '#test/api';
import { fillDisk, fillInodes } from '#test/fill-disk';
import { makeInternet } from '#test/internet';
import { assert, suite } from '#test/suite';
import { listenToFaultPoints, type FaultPoint } from '../../src/fault-point.ts';
import { isAlive, type ProcessId } from '../../src/host/process.ts';
import { openStore } from '../../src/store/store.ts';
import { SCOPES } from '../../src/auth/access.ts';
import { toHash } from '../../src/auth/hash.ts';
import { Life } from '../../../test/storm/life.ts';
import { FakeHost } from './fake-host.ts';

/*
 * A controller on fake machines: real shims, control groups, networks and an egress process. Data and runtime directory are disks of their
 * own, of which one has neither a block nor an inode left from the moment on at which what is named would be written.
 */
const test = suite('a disk that is full', { timeoutMs: 60_000 });
/** Where a session is when the disk gets full, what would be written next, and the reason that it fails for. */
const WRITES: { write: string; at: FaultPoint; disk: Disk; code: string }[] = [
  { write: 'database: record of the machine', at: 'session inserted', disk: 'data', code: 'store_full' },
  { write: 'run directory', at: 'machine recorded', disk: 'machines', code: 'host_disk_full' },
  { write: 'database: times of a phase', at: 'status moved', disk: 'data', code: 'store_full' },
  { write: 'bundle, exit directory and token of the machine', at: 'run directory made', disk: 'machines', code: 'machine_failed' },
  { write: 'disk of the machine, console, files of its shim', at: 'machine begun', disk: 'machines', code: 'machine_failed' },
  { write: 'database: process of the machine', at: 'machine running', disk: 'data', code: 'store_full' },
  { write: 'database: what the guest may do', at: 'process recorded', disk: 'data', code: 'store_full' },
  { write: 'database: report of the guest', at: 'hello accepted', disk: 'data', code: 'store_full' },
  { write: 'database: that it can be viewed', at: 'guest reported', disk: 'data', code: 'store_full' },
];
/** The same, on the way down: it is stopped by then. */
const LAST_WRITES: { write: string; at: FaultPoint }[] = [
  { write: 'exit file', at: 'machine ending' },
  { write: 'database: console that is kept', at: 'undo machine' },
  { write: 'database: end of the machine', at: 'undo record' },
];

const host = new FakeHost('orielfd', { ORIEL_BOOT_TIMEOUT_SECONDS: '2', ORIEL_DESKTOP_TIMEOUT_SECONDS: '2' });
const disks = { ...host.disks, machines: join(host.disks.data, 'machines') };
type Disk = keyof typeof disks;
/** Of the API, in every life of a controller. */
const KEY = 'full'.padEnd(43, 'f');

test.before(async () => {
  makeInternet();
  for (const [name, size] of Object.entries({ data: 80, run: 8, machines: 8 })) {
    mkdirSync(disks[name as Disk]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m,nr_inodes=500,mode=755`, 'tmpfs', disks[name as Disk]]);
  }
  host.takeCensus();
  const store = openStore(join(disks.data, 'oriel.db'), undefined, 5_000);
  store.keys.insert({ id: 'k', name: 'test', hash: toHash(KEY), owner: 'local', scopes: SCOPES }, new Date().toISOString());
  store.close();
  await host.start();
});
test.afterEach(() => {
  listenToFaultPoints(undefined);
  for (const disk of Object.keys(disks)) empty(disk as Disk);
});
test.after(async () => {
  await host.stop();
  // The mount namespace is this test's own: what the kernel lets go of a moment later holds nobody up.
  for (const disk of Object.values(disks).reverse()) execFileSync('umount', ['--lazy', disk]);
  host.remove();
});

for (const { write, at, disk, code } of WRITES)
  test(`${write}: the session fails with the reason, and nothing of it is left`, async () => {
    fillAt(at, disk);
    const id = await host.begin();
    const { status, reason } = await host.waitFor(id, ({ status: now }) => !['pending', 'vm_creating'].includes(now));
    assert.equal([status, reason?.code], ['failed', code], reason?.message);
    assert.match(reason!.message, /no space left on device|has no room/i);
    await isUnharmed(id, disk);
    empty(disk);
    await host.isGone();
  });

for (const { write, at } of LAST_WRITES)
  test(`${write}: the session ends as it was told to, and nothing of it is left`, async () => {
    const id = await host.beginReady();
    fill('machines');
    fillAt(at, 'data');
    await host.end(id);
    assert.is((await host.read(id)).status, 'stopped');
    await isUnharmed(id);
    empty('data');
    await host.isGone();
  });

test('console and exit file of a machine that ends by itself: the session fails, and says that there is no more to say', async () => {
  const id = await host.beginReady();
  const { pid } = host.rows()[0]!;
  fill('data');
  fill('machines');
  process.kill(pid!, 'SIGKILL');
  const { reason } = await host.waitFor(id, ({ status }) => status === 'failed');
  assert.is(reason?.code, 'machine_exited');
  assert.match(reason!.message, /its shim did not say how; its last lines:\nagent: /);
  empty('data');
  await host.isGone();
});

test('egress log: the process lives on with its leases, and opens more', async () => {
  const id = await host.beginReady();
  const pid = readEgressPid();
  fill('run');
  const other = await host.beginReady();
  for (const each of [id, other]) await host.end(each);
  const { body } = await host.api.ask<{ checks: { egress: string } }>('GET /ready');
  assert.is(body.checks.egress, 'ok');
  assert.is(readEgressPid(), pid);
  assert.not.ok(host.logged.some((line) => line.includes('egress process ended by itself')));
  empty('run');
  await host.isGone();
});

test('all that a controller writes as it starts, after one that was killed: it takes up what runs, and serves', async () => {
  await host.stop();
  const env = { ...host.env, ORIEL_PORT: '17081' };
  const lives = [new Life(env, join(host.dir, 'log'))];
  try {
    assert.ok(await lives[0]!.serves(), lives[0]!.lastWords);
    host.api = new Api('http://127.0.0.1:17081', KEY);
    const id = await host.beginReady();
    const own = readRecord();
    for (const disk of ['data', 'run', 'machines'] as const) fill(disk);
    await lives[0]!.kill();
    lives.push(new Life(env, join(host.dir, 'log')));
    assert.ok(await lives[1]!.serves(), lives[1]!.lastWords);
    assert.is((await host.read(id)).status, 'vm_created');
    assert.ok(await isAlive(own));
    await isUnharmed(id);
    await host.end(id);
    assert.not.ok(await isAlive(own));
    empty('data');
    empty('run');
    assert.is(await lives[1]!.stop(10_000), 0);
  } finally {
    for (const life of lives) await life.kill();
    empty('data');
    empty('run');
    await host.start();
  }
  await host.isGone();
});

test('the same, after one that ended in order: it does not start, says why, and harms nothing; with room it takes up what runs', async () => {
  const id = await host.beginReady();
  const own = readRecord();
  await host.leave();
  fill('data');
  const error = await host.start().catch((reason: Error) => reason);
  assert.match(
    String(error),
    new RegExp(`the database ${disks.data}/oriel.db cannot be used: .*: there is no room in ${disks.data}`),
    String(error),
  );
  assert.ok(await isAlive(own));
  empty('data');
  await host.start();
  assert.is((await host.read(id)).status, 'vm_created');
  assert.ok(await isAlive(own));
  await host.end(id);
  await host.isGone();
});

test('log of the controller: it goes on without', () => {
  const path = join(disks.data, 'controller.log');
  const file = openSync(path, 'w');
  fill('data');
  const main = new URL('../../src/process/log.ts', import.meta.url).href;
  const script = `const { createLog } = await import(${JSON.stringify(main)}); const log = createLog('info', false);
    for (let i = 0; i < 100; i++) log.info('x'.repeat(1000)); console.log('went on')`;
  const argv = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  const said = execFileSync(process.execPath, argv, { stdio: ['ignore', 'pipe', file], encoding: 'utf8' });
  closeSync(file);
  rmSync(path);
  assert.is(said, 'went on\n');
});

test('a new data directory: the controller does not start, says what it has no room for, and leaves nothing', async () => {
  await host.stop();
  const empty = join(host.dir, 'none');
  mkdirSync(empty);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,nr_inodes=20,mode=755', 'tmpfs', empty]);
  try {
    fillDisk(join(empty, 'filler'));
    const error = await host.start({ ...host.config, dataDir: empty }).catch((reason: Error) => reason);
    assert.is((error as Error).message, `the data directory ${empty} cannot be used: database or disk is full`);
  } finally {
    execFileSync('umount', [empty]);
  }
  assert.equal(await host.findLeftOver(), []);
});

test('nothing is left over, and all that waited is written down', async () => {
  await host.stop();
  assert.equal(host.rows(), []);
  assert.equal(await host.findLeftOver(), []);
});

test.run();

/** Of the one machine that there is. */
function readRecord(): ProcessId {
  const [{ pid = 0, startTime = 0 } = {}, ...more] = host.rows();
  assert.equal(more, []);
  return { pid, startTime };
}

/** While the disk is full. */
async function isUnharmed(id: string, disk: Disk = 'data'): Promise<void> {
  assert.is((await host.api.ask('GET /health')).status, 200);
  assert.is((await host.api.ask(`GET /api/auth/session/${id}`)).status, 200);
  if (disk !== 'data') return;
  const { status, body } = await host.api.ask<{ error: { code: string } }>('POST /api/auth/start', {
    body: { userId: 'late', provider: 'desktop' },
  });
  assert.equal([status, body.error.code], [503, 'host_disk_full']);
}

function fillAt(point: FaultPoint, disk: Disk): void {
  listenToFaultPoints((at) => {
    if (at !== point) return;
    listenToFaultPoints(undefined);
    fill(disk);
  });
}

/** Blocks, then inodes. The database's log is cut first: in one that was long before, many writes find room. */
function fill(disk: Disk): void {
  if (disk === 'data') cutLog();
  const filler = join(disks[disk], 'filler');
  mkdirSync(filler);
  fillDisk(join(filler, 'blocks'));
  fillInodes(filler);
}

function cutLog(): void {
  const db = new DatabaseSync(join(disks.data, 'oriel.db'));
  db.exec('pragma wal_checkpoint(truncate)');
  db.close();
}

function empty(disk: Disk): void {
  rmSync(join(disks[disk], 'filler'), { recursive: true, force: true });
}

function readEgressPid(): number {
  const line = readFileSync(join(disks.run, 'egress.log'), 'utf8').split('\n')[0]!;
  return (JSON.parse(line) as { pid: number }).pid;
}
