import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { run } from '../../../../src/host/run.ts';
import { readConsole } from '../../../../src/machines/console.ts';
import { MachineStartFailed, type MachineSpec } from '../../../../src/machines/driver.ts';
import { toBootRequests } from '../../../../src/machines/drivers/firecracker/requests.ts';
import type { Setup } from '../../../fakes/fake-vmm-main.ts';
import { assertNothingLeft, listProcesses, Rig, untilConsole, USER } from './rig.ts';

const test = suite('firecracker: machines', { timeoutMs: 60_000 });
const rig = new Rig('oriefct');

test.before(() => rig.setUp());
test.after(() => rig.tearDown());

test('a machine starts in its jail, as its user, with the calls in order; a stop leaves nothing of it', async () => {
  const spec = await rig.toSpec();
  const machine = await rig.start(spec, {});
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
  assert.equal(await run(['find', `/run/${rig.instance}-stage`, '-mindepth', '1']), '');
  assert.is((await machine.stop(1_000)).reason, 'killed by SIGKILL');
  await assertNothingLeft(spec);
});

test('log and metrics of a Firecracker come into ours', async () => {
  const spec = await rig.toSpec();
  const before = rig.driver.readTotals()['net.rx_bytes_count'] ?? 0;
  const machine = await rig.start(spec, {});
  const isTold = () => rig.logged.some((line) => line.includes('I am a fake') && line.includes(spec.machineId));
  const isCounted = () => (rig.driver.readTotals()['net.rx_bytes_count'] ?? 0) >= before + 7;
  for (const until = Date.now() + 5_000; Date.now() < until && !(isTold() && isCounted());) await sleep(10);
  assert.ok(isTold());
  assert.ok(isCounted());
  await machine.stop(0);
});

test('another controller adopts a machine, and takes it down', async () => {
  const spec = await rig.toSpec();
  const { record } = await rig.start(spec, {});
  const other = rig.createDriver();
  assert.is(await other.adopt({ ...record, startTime: record.startTime + 1 }), undefined);
  const machine = await other.adopt(record);
  assert.is((await machine!.stop(0)).reason, 'killed by SIGKILL');
  await assertNothingLeft(spec);
});

test('what a crash left of a machine is removed; what is gone already is no error', async () => {
  const spec = await rig.toSpec();
  const { record } = await rig.start(spec, {});
  await rig.driver.remove(record);
  await rig.driver.remove(record);
  await assertNothingLeft(spec);
});

const ENDS: [life: NonNullable<Setup['life']>, reason: RegExp][] = [
  ['panics', /^panic: VFS: Unable to mount root fs \(the image cannot be mounted\)$/],
  ['breaks-out', /^Firecracker made a system call that its seccomp filter forbids/],
  ['ends', /^exited with code 0$/],
];
for (const [life, reason] of ENDS) {
  test(`a machine that ${life}: its exit says so`, async () => {
    const spec = await rig.toSpec();
    const machine = await rig.start(spec, { life });
    assert.match((await machine.exited).reason, reason);
    await machine.stop(0);
    await assertNothingLeft(spec);
  });
}

const calls = toBootRequests({ cpus: 1, memoryMib: 64, kernelLine: '', mac: '' });
for (const at of ['GET /version', ...calls.map(({ method, path }) => `${method} ${path}`)]) {
  test(`Firecracker dies at ${at}: that is the reason, and nothing is left`, async () => {
    const message = await rig.failureOf({ fault: { at, kind: 'die' } });
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
  test(`Firecracker ${title}: that is the reason, and nothing is left`, async () => assert.match(await rig.failureOf(setup), reason));

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
    const spec = await rig.toSpec();
    assert.match(await rig.failureOf({}, { ...spec, ...change(spec) }), reason);
  });
}

test('a tap that cannot be had is named', async () => {
  const spec = await rig.toSpec();
  await run(['ip', '-n', rig.netns, 'link', 'set', 'tap0', 'name', 'tap9']);
  try {
    assert.match(await rig.failureOf({}, spec), /PUT \/network-interfaces\/eth0: 400: .*Open tap device failed/);
  } finally {
    await run(['ip', '-n', rig.netns, 'link', 'set', 'tap9', 'name', 'tap0']);
  }
});

test('no space for the overlay: the reason says so, and nothing is left', async () => {
  const spec = await rig.toSpec();
  await run(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', spec.runDir]);
  try {
    assert.match(await rig.failureOf({}, spec), /No space left on device/);
  } finally {
    await run(['umount', spec.runDir]);
  }
});

test('a jailer that is no program is named', async () => {
  const { firecracker } = await rig.programs();
  assert.match(
    await rig.failureOf(async () => ({ firecracker, jailer: '/nowhere/jailer' })),
    /ended .*it said:\n.*\/nowhere\/jailer: (not found|No such file or directory)/s,
  );
});

test('programs that are not there are named with where to get them', async () => {
  const find = () => Promise.reject(new Error('firecracker is not installed: take both programs'));
  assert.match(await rig.failureOf(find), /firecracker is not installed: take both programs/);
});

test('a start that is given up leaves nothing', async () => {
  const spec = await rig.toSpec();
  rig.programs = await rig.makePrograms('slow', { fault: { at: 'PUT /metrics', kind: 'slow' } });
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 300);
  const error = await rig.driver.start(spec, abort.signal).catch((reason: unknown) => reason);
  assert.instance(error, MachineStartFailed);
  await assertNothingLeft(spec);
});

test('when all is closed a census by plain tools is what it was before', async () => {
  await rig.driver.close();
  await run(['ip', 'netns', 'delete', rig.netns]);
  await rig.assertAsBefore();
});

test.run();
