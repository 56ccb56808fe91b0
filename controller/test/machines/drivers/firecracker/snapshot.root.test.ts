import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { run } from '../../../../src/host/run.ts';
import { readConsole } from '../../../../src/machines/console.ts';
import { MachineStartFailed, type Machine, type MachineSnapshot, type MachineSpec } from '../../../../src/machines/driver.ts';
import { FirecrackerApi } from '../../../../src/machines/drivers/firecracker/api.ts';
import { toTalkPaths } from '../../../../src/machines/drivers/firecracker/paths.ts';
import { getInstance } from '../../../../src/machines/drivers/firecracker/requests.ts';
import type { Setup } from '../../../fakes/fake-vmm-main.ts';
import { assertNothingLeft, listProcesses, Rig, untilConsole, USER } from './rig.ts';

const test = suite('firecracker: machines that are copies', { timeoutMs: 60_000 });
const rig = new Rig('orifcsn');
const limit = () => AbortSignal.timeout(10_000);
/** What most copies begin from. */
let snapshot: MachineSnapshot;

test.before(() => rig.setUp());
test.after(() => rig.tearDown());

test('a machine is written down, by root for root, and goes on; nothing stays in its jail', async () => {
  const spec = await rig.toSpec();
  const machine = await rig.start(spec, {});
  await untilConsole(spec, /up: overlay/);
  await writeFile(join(spec.runDir, 'vmm/overlay.ext4'), 'written by the guest', { flag: 'r+' });
  snapshot = await save(machine, 'kept');
  assert.is(await readState(spec), 'Running');
  assert.equal((await readdir(snapshot.dir)).sort(), ['memory', 'overlay.ext4', 'state']);
  const all = await Promise.all(['', 'memory', 'overlay.ext4', 'state'].map((name) => stat(join(snapshot.dir, name))));
  assert.equal(
    all.map(({ uid, mode }) => [uid, mode & 0o777]),
    [0o700, 0o444, 0o600, 0o444].map((mode) => [0, mode]),
  );
  assert.not(await isReadableBy(USER, join(snapshot.dir, 'memory')), 'not even by the user whose memory it is');
  assert.equal((await readdir(join(spec.runDir, 'vmm'))).sort(), ['api.sock', 'log.fifo', 'metrics.fifo', 'overlay.ext4']);
  assert.is((await machine.stop(0)).reason, 'killed by SIGKILL');
  await assertNothingLeft(spec);
});

test('copies go on from it, each in a jail of its own, with the disk as it was and one memory file for all', async () => {
  const [first, second] = [await startCopy(), await startCopy()];
  for (const { spec } of [first, second]) {
    await untilConsole(spec, /gate: goes on/);
    const console = await readConsole(spec.console.path);
    assert.match(console, new RegExp(`running as ${USER} at .*\\bmemory\\b.*\\brootfs.erofs\\b.*\\bstate\\b`));
    assert.not.match(console, /vmlinux|up: overlay/, 'it needs no kernel, and does not boot');
    assert.is(await readState(spec), 'Running');
    assert.is(await run(['head', '-c', '20', join(spec.runDir, 'vmm/overlay.ext4')]), 'written by the guest');
    assert.is((await stat(join(spec.runDir, 'vmm/overlay.ext4'))).uid, USER);
    assert.not.match((await listProcesses(spec)).join('\n'), /CANARY/);
  }
  const inodes = await Promise.all(
    [first, second].map(({ machine }) => run(['stat', '-Lc', '%d:%i', `/proc/${machine.record.pid}/root/memory`])),
  );
  assert.is(inodes[0], inodes[1], 'one page cache');
  await writeFile(join(first.spec.runDir, 'vmm/overlay.ext4'), 'another', { flag: 'r+' });
  assert.is(await run(['head', '-c', '20', join(second.spec.runDir, 'vmm/overlay.ext4')]), 'written by the guest');
  for (const { machine, spec } of [first, second]) {
    assert.is((await machine.stop(0)).reason, 'killed by SIGKILL');
    await assertNothingLeft(spec);
  }
});

test('a copy is a machine like any other: log, metrics, another controller, a copy of its own', async () => {
  const before = rig.driver.readTotals()['net.rx_bytes_count'] ?? 0;
  const { spec, machine } = await startCopy();
  const isTold = () => rig.logged.some((line) => line.includes('I am a fake') && line.includes(spec.machineId));
  const isCounted = () => (rig.driver.readTotals()['net.rx_bytes_count'] ?? 0) >= before + 7;
  for (const until = Date.now() + 5_000; Date.now() < until && !(isTold() && isCounted());) await sleep(10);
  assert.ok(isTold());
  assert.ok(isCounted());
  const adopted = (await rig.createDriver().adopt(machine.record))!;
  const again = await save(adopted, 'again');
  assert.is(await readState(spec), 'Running');
  assert.is((await adopted.stop(0)).reason, 'killed by SIGKILL');
  await assertNothingLeft(spec);
  const copy = await startCopy({}, again);
  await rm(again.dir, { recursive: true });
  const memory = `/proc/${copy.machine.record.pid}/root/memory`;
  assert.is(await run(['head', '-c', '6', memory]), 'memory', 'it keeps what it lives from when the snapshot is thrown away');
  await rig.driver.remove(copy.machine.record);
  await assertNothingLeft(copy.spec);
});

const ENDS: [life: NonNullable<Setup['life']>, reason: RegExp][] = [
  ['panics', /^panic: VFS: Unable to mount root fs \(the image cannot be mounted\)$/],
  ['breaks-out', /^Firecracker made a system call that its seccomp filter forbids/],
];
for (const [life, reason] of ENDS) {
  test(`a copy that ${life}: its exit says so`, async () => {
    const { spec, machine } = await startCopy({ life });
    assert.match((await machine.exited).reason, reason);
    await machine.stop(0);
    await assertNothingLeft(spec);
  });
}

for (const at of ['GET /version', 'PUT /logger', 'PUT /metrics', 'PUT /snapshot/load']) {
  test(`Firecracker dies at ${at}: that is the reason, and nothing is left of the copy`, async () => {
    const message = await failureOf({ fault: { at, kind: 'die' } });
    assert.match(message, /Firecracker (ended before it had a machine|closed the connection)/);
    assert.match(message, at);
  });
}

const SPOILT: [title: string, spoil: (dir: string) => Promise<unknown>, reason: RegExp][] = [
  ['no memory', (dir) => rm(join(dir, 'memory')), /mount: .*memory/],
  ['no state', (dir) => rm(join(dir, 'state')), /mount: .*state/],
  ['no disk', (dir) => rm(join(dir, 'overlay.ext4')), /cp: .*overlay\.ext4/],
  ['half a memory', (dir) => truncate(join(dir, 'memory'), 1 << 20), /PUT \/snapshot\/load: 400: .*another size/],
  ['half a state', (dir) => truncate(join(dir, 'state'), 20), /PUT \/snapshot\/load: 400: .*Failed to restore from snapshot/],
];
for (const [title, spoil, reason] of SPOILT) {
  test(`a snapshot with ${title}: nothing starts, the reason says it, and nothing is left`, async () => {
    const dir = join(rig.dir, 'spoilt');
    await run(['cp', '-a', snapshot.dir, dir]);
    await spoil(dir);
    assert.match(await failureOf({}, { dir }), reason);
    await rm(dir, { recursive: true });
  });
}

test('a tap that is not there is named', async () => {
  await run(['ip', '-n', rig.netns, 'link', 'set', 'tap0', 'name', 'tap9']);
  const message = await failureOf({}).finally(() => run(['ip', '-n', rig.netns, 'link', 'set', 'tap9', 'name', 'tap0']));
  assert.match(message, /PUT \/snapshot\/load: 400: .*Open tap device failed/);
});

test('a start that is given up while it loads leaves nothing', async () => {
  const spec = { ...(await rig.toSpec()), snapshot };
  rig.programs = await rig.makePrograms('slow', { fault: { at: 'PUT /snapshot/load', kind: 'slow' } });
  const error = await rig.driver.start(spec, AbortSignal.timeout(700)).catch((reason: unknown) => reason);
  assert.instance(error, MachineStartFailed);
  await assertNothingLeft(spec);
});

const LIVES: [title: string, limitMs: number, setup: Setup][] = [
  ['is refused', 10_000, { fault: { at: 'PUT /snapshot/create', kind: 'refuse', message: 'No space left on device' } }],
  ['gets no answer', 2_000, { fault: { at: 'PUT /snapshot/create', kind: 'slow' } }],
];
for (const [title, limitMs, setup] of LIVES) {
  test(`a snapshot that ${title}: the machine goes on, and stops as ever`, async () => {
    const spec = await rig.toSpec();
    const machine = await rig.start(spec, setup);
    const error = await save(machine, 'failed', AbortSignal.timeout(limitMs)).catch((reason: unknown) => reason);
    assert.match((error as Error).message, /^PUT \/snapshot\/create: /);
    assert.is(await readState(spec), 'Running');
    assert.is((await machine.stop(0)).reason, 'killed by SIGKILL');
    await assertNothingLeft(spec);
  });
}

test('a machine that dies while it is written down is known to be dead', async () => {
  const spec = await rig.toSpec();
  const machine = await rig.start(spec, { fault: { at: 'PUT /snapshot/create', kind: 'die' } });
  const error = await save(machine, 'dead').catch((reason: unknown) => reason);
  assert.match((error as Error).message, /^PUT \/snapshot\/create: Firecracker closed the connection; the machine may stand still/);
  assert.is((await machine.exited).reason, 'exited with code 1');
  await machine.stop(0);
  await assertNothingLeft(spec);
});

test('a key depends on the Firecracker that would load it, whenever it is asked', async () => {
  const spec = await rig.toSpec();
  rig.programs = await rig.makePrograms('key', {});
  const key = await rig.driver.toSnapshotKey(spec);
  await sleep(2);
  assert.is(await rig.driver.toSnapshotKey({ ...(await rig.toSpec()), snapshot }), key);
  assert.is.not(await rig.driver.toSnapshotKey({ ...spec, limits: { ...spec.limits, memoryMib: 512 } }), key);
  rig.programs = await rig.makePrograms('newer', { version: '1.17.0' });
  assert.is.not(await rig.driver.toSnapshotKey(spec), key);
});

test('when all is closed a census by plain tools is what it was before', async () => {
  await rig.driver.close();
  await run(['ip', 'netns', 'delete', rig.netns]);
  await rig.assertAsBefore();
});

async function save(machine: Machine, name: string, signal = limit()): Promise<MachineSnapshot> {
  const dir = join(rig.dir, 'snapshots', name);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await machine.snapshot!(dir, signal);
  return { dir };
}

async function startCopy(setup: Setup = {}, from = snapshot): Promise<{ spec: MachineSpec; machine: Machine }> {
  const spec = { ...(await rig.toSpec()), snapshot: from };
  return { spec, machine: await rig.start(spec, setup) };
}

async function failureOf(setup: Setup, from = snapshot): Promise<string> {
  return rig.failureOf(setup, { ...(await rig.toSpec()), snapshot: from });
}

async function readState({ runDir }: MachineSpec): Promise<unknown> {
  const api = new FirecrackerApi(toTalkPaths(runDir).socket);
  const { state } = (await api.send(getInstance(), limit())) as { state: unknown };
  api.close();
  return state;
}

function isReadableBy(user: number, path: string): Promise<boolean> {
  return run(['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', 'test', '-r', path]).then(
    () => true,
    () => false,
  );
}

test.run();
