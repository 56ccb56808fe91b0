import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { assert, suite } from '#test/suite';
import { run } from '../../../../src/host/run.ts';
import { readConsole } from '../../../../src/machines/console.ts';
import { MachineStartFailed, type MachineSpec } from '../../../../src/machines/driver.ts';
import { createFirecrackerDriver, type FirecrackerDriver } from '../../../../src/machines/drivers/firecracker/driver.ts';
import type { Programs } from '../../../../src/machines/drivers/firecracker/programs.ts';
import { toBootRequests } from '../../../../src/machines/drivers/firecracker/requests.ts';
import type { Setup } from '../../../fakes/fake-vmm-main.ts';

/** Everything is real here but the jailer and Firecracker: they need KVM. */
const test = suite('firecracker: machines', { timeoutMs: 60_000 });
const INSTANCE = 'oriefct';
const NETNS = `${INSTANCE}-g0`;
const USER = 0x70000000;
const FAKES = join(import.meta.dirname, '../../../fakes');

const logged: string[] = [];
const log = pino({}, { write: (line: string) => void logged.push(line) });
let dir: string;
let driver: FirecrackerDriver;
let before: string[];
let programs: () => Promise<Programs>;
let counter = 0;

const toOptions = () => ({ runDir: join(dir, 'run'), instance: INSTANCE, kernelArgs: [], diskMib: 64, log });

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-fc-'));
  await chmod(dir, 0o755);
  before = await takeCensus();
  await run(['ip', 'netns', 'add', NETNS]);
  await run(['ip', '-n', NETNS, 'link', 'add', 'tap0', 'type', 'veth', 'peer', 'name', 'tap1']);
  for (const name of ['rootfs.erofs', 'vmlinux']) await writeFile(join(dir, name), name);
  programs = await makePrograms('good', {});
  driver = createFirecrackerDriver({ ...toOptions(), findPrograms: () => programs() });
});

test.after(async () => {
  for (let i = 1; i <= counter; i += 1) await driver.remove({ machineId: toMachineId(i), runDir: '' });
  await driver.close();
  await run(['ip', 'netns', 'delete', NETNS]).catch(() => {});
  await rm(dir, { recursive: true, force: true });
});

test('a machine starts in its jail, as its user, with the calls in order; a stop leaves nothing of it', async () => {
  const spec = await toSpec();
  const machine = await start(spec, {});
  await untilConsole(spec, /up: overlay/);
  // Beside these it sees what the fake itself needs.
  for (const name of ['files', 'firecracker-fake', 'rootfs.erofs', 'vmlinux'])
    assert.match(await readConsole(spec.console.path), new RegExp(`running as ${USER} at .*\\b${name}\\b`));
  assert.not.match(await readConsole(spec.console.path), /at .*\b(etc|home|root|sys|var)\b/);
  assert.is(machine.record.driver, 'firecracker');
  const all = await listProcesses(spec);
  assert.ok(all.length >= 2, all.join('\n'));
  assert.not.match(all.join('\n'), /oriel\.config|CANARY/);
  // The jail is in the machine's own mount namespace.
  assert.equal(await run(['find', `/run/${INSTANCE}-stage`, '-mindepth', '1']), '');
  assert.is((await machine.stop(1_000)).reason, 'killed by SIGKILL');
  await assertNothingLeft(spec);
});

test('log and metrics of a Firecracker come into ours', async () => {
  const spec = await toSpec();
  const before = driver.readTotals()['net.rx_bytes_count'] ?? 0;
  const machine = await start(spec, {});
  const isTold = () => logged.some((line) => line.includes('I am a fake') && line.includes(spec.machineId));
  const isCounted = () => (driver.readTotals()['net.rx_bytes_count'] ?? 0) >= before + 7;
  for (const until = Date.now() + 5_000; Date.now() < until && !(isTold() && isCounted());) await sleep(10);
  assert.ok(isTold());
  assert.ok(isCounted());
  await machine.stop(0);
});

test('another controller adopts a machine, and takes it down', async () => {
  const spec = await toSpec();
  const { record } = await start(spec, {});
  const other = createFirecrackerDriver(toOptions());
  assert.is(await other.adopt({ ...record, startTime: record.startTime + 1 }), undefined);
  const machine = await other.adopt(record);
  assert.is((await machine!.stop(0)).reason, 'killed by SIGKILL');
  await assertNothingLeft(spec);
});

test('what a crash left of a machine is removed; what is gone already is no error', async () => {
  const spec = await toSpec();
  const { record } = await start(spec, {});
  await driver.remove(record);
  await driver.remove(record);
  await assertNothingLeft(spec);
});

const ENDS: [life: NonNullable<Setup['life']>, reason: RegExp][] = [
  ['panics', /^panic: VFS: Unable to mount root fs \(the image cannot be mounted\)$/],
  ['breaks-out', /^Firecracker made a system call that its seccomp filter forbids/],
  ['ends', /^exited with code 0$/],
];
for (const [life, reason] of ENDS) {
  test(`a machine that ${life}: its exit says so`, async () => {
    const spec = await toSpec();
    const machine = await start(spec, { life });
    assert.match((await machine.exited).reason, reason);
    await machine.stop(0);
    await assertNothingLeft(spec);
  });
}

const calls = toBootRequests({ cpus: 1, memoryMib: 64, kernelLine: '', mac: '' });
for (const at of ['GET /version', ...calls.map(({ method, path }) => `${method} ${path}`)]) {
  test(`Firecracker dies at ${at}: that is the reason, and nothing is left`, async () => {
    const message = await failureOf({ fault: { at, kind: 'die' } });
    assert.match(message, /Firecracker (ended before it had a machine|closed the connection)/);
    assert.match(message, at);
  });
}

const FAILURES: [title: string, setup: Setup, reason: RegExp][] = [
  ['ends at once', { life: 'ends-at-once' }, /Firecracker ended before it had a machine .*it said:\n.*no KVM/s],
  ['never opens its socket', { life: 'deaf' }, /Firecracker did not open its API socket/],
  ['does not answer', { fault: { at: 'PUT /entropy', kind: 'slow' } }, /PUT \/entropy: no answer within 3000 ms/],
  ['answers garbage', { fault: { at: 'PUT /serial', kind: 'garbage' } }, /PUT \/serial: what came back is no HTTP/],
  ['is too old', { version: '1.15.1' }, /Firecracker is 1\.15\.1; 1\.16\.1 or later is needed/],
  [
    'refuses a kernel',
    { fault: { at: 'PUT /actions', kind: 'refuse', message: 'Kernel Loader: failed to load ELF kernel image' } },
    /PUT \/actions: 400: Kernel Loader: failed to load ELF/,
  ],
];
for (const [title, setup, reason] of FAILURES)
  test(`Firecracker ${title}: that is the reason, and nothing is left`, async () => assert.match(await failureOf(setup), reason));

const BROKEN: [title: string, change: (spec: MachineSpec) => Partial<MachineSpec>, reason: RegExp][] = [
  ['no kernel', () => ({ kernel: undefined }), /there is no kernel to boot: just build-kernel/],
  [
    'a kernel without its file',
    ({ kernel }) => ({ kernel: { ...kernel!, vmlinux: '/nowhere' } }),
    /kernel beef has lost its file \/nowhere/,
  ],
  ['an image without its file', ({ image }) => ({ image: { ...image, rootfs: '/nowhere' } }), /image f00d has lost its file \/nowhere/],
  ['an image without a hash tree', ({ image }) => ({ image: { id: image.id, rootfs: image.rootfs } }), /image f00d has no hash tree/],
  ['no network', () => ({ netns: '/run/netns/nowhere' }), /\/run\/netns\/nowhere/],
  ['a kernel line that is too long', () => ({ configArg: `oriel.config=${'A'.repeat(2_000)}` }), /kernel line: .*oriel\.config has most/],
];
for (const [title, change, reason] of BROKEN) {
  test(`with ${title} nothing starts, and the reason says it`, async () => {
    const spec = await toSpec();
    assert.match(await failureOf({}, { ...spec, ...change(spec) }), reason);
  });
}

test('a tap that cannot be had is named', async () => {
  const spec = await toSpec();
  await run(['ip', '-n', NETNS, 'link', 'set', 'tap0', 'name', 'tap9']);
  try {
    assert.match(await failureOf({}, spec), /PUT \/network-interfaces\/eth0: 400: .*Open tap device failed/);
  } finally {
    await run(['ip', '-n', NETNS, 'link', 'set', 'tap9', 'name', 'tap0']);
  }
});

test('no space for the overlay: the reason says so, and nothing is left', async () => {
  const spec = await toSpec();
  await run(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', spec.runDir]);
  try {
    assert.match(await failureOf({}, spec), /No space left on device/);
  } finally {
    await run(['umount', spec.runDir]);
  }
});

test('a jailer that is no program is named', async () => {
  const { firecracker } = await programs();
  assert.match(
    await failureOf(async () => ({ firecracker, jailer: '/nowhere/jailer' })),
    /ended .*it said:\n.*\/nowhere\/jailer: not found/s,
  );
});

test('programs that are not there are named with where to get them', async () => {
  const find = () => Promise.reject(new Error('firecracker is not installed: take both programs'));
  assert.match(await failureOf(find), /firecracker is not installed: take both programs/);
});

test('a start that is given up leaves nothing', async () => {
  const spec = await toSpec();
  programs = await makePrograms('slow', { fault: { at: 'PUT /metrics', kind: 'slow' } });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 300);
  const error = await driver.start(spec, abort.signal).catch((reason: unknown) => reason);
  assert.instance(error, MachineStartFailed);
  await assertNothingLeft(spec);
});

test('when all is closed a census by plain tools is what it was before', async () => {
  await driver.close();
  await run(['ip', 'netns', 'delete', NETNS]);
  for (const until = Date.now() + 5_000; Date.now() < until && (await takeCensus()).join() !== before.join();) await sleep(50);
  assert.equal(await takeCensus(), before);
});

/** The two programs; what the fake is told is written into it, as the jailer hands on no environment. */
async function makePrograms(name: string, setup: Setup): Promise<() => Promise<Programs>> {
  const folder = join(dir, name);
  await mkdir(folder, { recursive: true });
  const firecracker = join(folder, 'firecracker-fake');
  const node = `'${process.execPath}' --disable-warning=ExperimentalWarning '${join(FAKES, 'fake-vmm-main.ts')}'`;
  await writeFile(firecracker, `#!/bin/sh\nFAKE_SETUP='${JSON.stringify(setup)}' exec ${node} "$@"\n`, { mode: 0o755 });
  const jailer = join(folder, 'jailer');
  const binds = ['/usr', '/proc', FAKES, dirname(process.execPath)].join(' ');
  await writeFile(jailer, `#!/bin/sh\nFAKE_BINDS='${binds}' exec sh '${join(FAKES, 'fake-jailer.sh')}' "$@"\n`, { mode: 0o755 });
  return async () => ({ firecracker, jailer });
}

/** Digits are no letters of an id. */
function toMachineId(count: number): string {
  return `m-fctest${String.fromCharCode(...[...String(count).padStart(6, '0')].map((digit) => 97 + Number(digit)))}`;
}

async function toSpec(): Promise<MachineSpec> {
  const machineId = toMachineId((counter += 1));
  const runDir = join(dir, 'machines', machineId);
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  return {
    machineId,
    runDir,
    image: { id: 'f00d', rootfs: join(dir, 'rootfs.erofs'), rootArgs: 'root=/dev/dm-0' },
    kernel: { id: 'beef', vmlinux: join(dir, 'vmlinux'), bzImage: join(dir, 'vmlinux') },
    configArg: 'oriel.config=CANARY',
    hostname: 'desktop',
    netns: `/run/netns/${NETNS}`,
    hostUser: USER,
    limits: { memoryMib: 256, cpus: 1, pids: 64 },
    diskMib: 64,
    console: { path: join(runDir, 'console.log'), maxBytes: 1 << 20 },
  };
}

async function start(spec: MachineSpec, setup: Setup) {
  programs = await makePrograms(spec.machineId, setup);
  return driver.start(spec, new AbortController().signal);
}

/** Why a start failed, with nothing left of it. */
async function failureOf(setup: Setup | typeof programs, spec?: MachineSpec): Promise<string> {
  const used = spec ?? (await toSpec());
  programs = typeof setup === 'function' ? setup : await makePrograms(used.machineId, setup);
  const error = await driver.start(used, new AbortController().signal).catch((reason: unknown) => reason);
  assert.instance(error, MachineStartFailed);
  await assertNothingLeft(used);
  assert.not.match((error as Error).message, 'CANARY');
  return (error as Error).message;
}

async function assertNothingLeft({ machineId }: MachineSpec): Promise<void> {
  assert.equal(await listProcesses({ machineId }), []);
  assert.equal(await run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', machineId]), '');
}

async function untilConsole({ console }: MachineSpec, pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 5_000; !pattern.test(await readConsole(console.path)); await sleep(10)) {
    if (Date.now() > until) throw new Error(`${pattern} is not on the console: ${await readConsole(console.path)}`);
  }
}

/** Processes of a machine and its shim, by command lines and by control group. */
async function listProcesses({ machineId }: Pick<MachineSpec, 'machineId'>): Promise<string[]> {
  const all = await run(['ps', '-eo', 'pid,cgroup,args', '-ww']);
  return all.split('\n').filter((line) => line.includes(machineId) && !line.endsWith('<defunct>'));
}

async function takeCensus(): Promise<string[]> {
  const outputs = await Promise.all([
    run(['ip', 'netns']),
    run(['findmnt', '-rno', 'TARGET']),
    run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', INSTANCE]),
    run(['find', '/run', '-maxdepth', '1', '-name', `${INSTANCE}*`]),
    run(['ps', '-eo', 'args', '-ww']),
  ]);
  return outputs.flatMap((text) =>
    text.split('\n').filter((line) => (line.includes(INSTANCE) || line.includes(dir)) && !line.startsWith('find ')),
  );
}

test.run();
