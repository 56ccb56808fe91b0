import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { toKernelArg } from '#contract/kernel-line';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { diffCensus, takeCensus } from '#test/census';
import { flipBit } from '#test/flip-bit';
import { PACE } from '#test/pace';
import { suite, assert } from '#test/suite';
import { isAlive } from '../../../../src/host/process.ts';
import { run } from '../../../../src/host/run.ts';
import { readConsole } from '../../../../src/machines/console.ts';
import {
  MachineStartFailed,
  type Machine,
  type MachineImage,
  type MachineKernel,
  type MachineSpec,
} from '../../../../src/machines/driver.ts';
import { createQemuDriver } from '../../../../src/machines/drivers/qemu/driver.ts';
import { Qmp } from '../../../../src/machines/drivers/qemu/qmp.ts';
import { findImage } from '../../../../src/machines/image.ts';
import { findKernel } from '../../../../src/machines/kernel.ts';
import { toVmPaths } from '../../../../src/machines/vm/paths.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../../../src/net/clone-network.ts';
import { toSlot } from '../../../../src/net/slot.ts';
import { newMachineId, newSecret } from '../../../../src/sessions/ids.ts';

/* Under TCG, which every host has: what is proven is the driver, not its speed. One machine at a time. */
const test = suite('qemu: machines', { timeoutMs: 60_000 });
const INSTANCE = 'oriqemu';
const slot = toSlot(INSTANCE, 0);
const DISK_MIB = 64;
const INIT = /^init: [\d.]+ s up: overlay over the image$/m;

const logged: string[] = [];
const log = pino({}, { write: (line: string) => void logged.push(line) });
let dir: string;
let image: MachineImage;
let kernel: MachineKernel;
let before: string[];
let driver: ReturnType<typeof createQemuDriver>;
/** The one that most tests look at. */
let machine: Machine;
let spec: MachineSpec;
let token: string;

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-qemu-'));
  image = await findImage(process.env.ORIEL_IMAGE_DIR || '/var/lib/oriel/images');
  kernel = await findKernel(process.env.ORIEL_KERNEL_DIR || '/var/lib/oriel/kernels');
  before = await lookAround();
  driver = createDriver();
  await createCloneNetwork(slot, { guestPorts: [], link: 'tap' });
});

test.after(async () => {
  await machine?.stop(0);
  await driver.close();
  await removeCloneNetwork(slot);
  await rm(dir, { recursive: true, force: true });
});

test('this host has what it takes', async () => {
  assert.equal(await driver.check(), { ok: true, missing: [] });
});

test("a machine boots our kernel and image to init's first line", async () => {
  token = newSecret();
  spec = await toSpec({ token });
  machine = await start(spec);
  await untilConsole(spec, INIT);
  assert.equal(machine.record, { ...machine.record, machineId: spec.machineId, driver: 'qemu', runDir: spec.runDir });
});

test("QEMU is the slot's own user without any rights, in the guest's network, and cannot ask for more", async () => {
  const { pid } = machine.record;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const user = String(slot.hostUser);
  for (const line of [`Uid:\t${[user, user, user, user].join('\t')}`, `Gid:\t${[user, user, user, user].join('\t')}`])
    assert.ok(status.includes(`${line}\n`), line);
  assert.match(status, /^Groups:\s*$/m);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) assert.match(status, new RegExp(`^${set}:\\s+0{16}$`, 'm'));
  assert.match(status, /^NoNewPrivs:\s+1$/m);
  assert.match(status, /^Seccomp:\s+2$/m);
  assert.is(await readlink(`/proc/${pid}/ns/net`), (await run(['readlink', '/proc/self/ns/net'], { netns: slot.guestNetns })).trim());
  assert.is((await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')[0], 'qemu-system-x86_64');
});

test('its user can write its own files and nothing else: not the image, not the kernel, nobody else’s machine', async () => {
  const stage = `/run/${INSTANCE}-stage`;
  const other = await toSpec({});
  await writeFile(join(other.runDir, 'console.log'), 'private');
  const tries: [path: string, test: string, may: boolean][] = [
    [`${stage}/files/overlay.ext4`, '-w', true],
    [`${stage}/rootfs.erofs`, '-r', true],
    [`${stage}/rootfs.erofs`, '-w', false],
    [`${stage}/kernel`, '-w', false],
    [stage, '-w', false],
    ['/dev/net/tun', '-w', true],
    [spec.runDir, '-x', false],
    [join(other.runDir, 'console.log'), '-r', false],
    [join(dir, 'run/templates'), '-r', false],
  ];
  const seen = await Promise.all(tries.map(async ([path, kind]) => [path, kind, await asVmm(['test', kind, path])]));
  assert.equal(seen, tries);
  assert.ok(await asRoot(['test', '-r', join(other.runDir, 'console.log')]), 'which is there, for root');
  assert.not(await asRoot(['sh', '-c', `: >>${stage}/rootfs.erofs`]), 'not even root could write the image there');
});

test('its devices are its own: nobody else can open them', async () => {
  const { pid } = machine.record;
  const tun = await run(['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--', 'stat', '-c', '%F %a %u %t:%T', '/dev/net/tun']);
  assert.is(tun.trim(), `character special file 600 ${slot.hostUser} a:c8`);
  const kvm = ['sh', '-c', 'stat -c "%a %u" /dev/kvm || echo none'];
  assert.is(await run(['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--', ...kvm]), await run(kvm), 'an emulated one is given no KVM');
  assert.is.not((await stat('/dev/net/tun')).uid, slot.hostUser, "the host's stays as it was");
});

test('its overlay is a file of its own, sparse; no other gets bigger, and there is no core dump', async () => {
  const { overlay } = toVmPaths(spec.runDir);
  const limits = await readFile(`/proc/${machine.record.pid}/limits`, 'utf8');
  assert.match(limits, new RegExp(`^Max file size +${DISK_MIB * 2 ** 20} +${DISK_MIB * 2 ** 20} `, 'm'));
  assert.match(limits, /^Max core file size +0 +0 /m);
  const { size, blocks, uid, mode } = await stat(overlay);
  assert.equal([size, uid, mode & 0o777], [DISK_MIB * 2 ** 20, slot.hostUser, 0o600]);
  assert.ok(blocks * 512 < size / 4, `${blocks * 512} bytes are taken`);
});

test('its groups limit it', async () => {
  const { pid } = machine.record;
  const groups = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n').filter((line) => line.includes(spec.machineId));
  const found = await run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `*${spec.machineId}*`]);
  assert.is(groups.length, found.split('\n').filter(Boolean).length);
  const limits = await run(['sh', '-c', 'cd "$0" && cat memory.max memory.limit_in_bytes 2>/dev/null || :', await findGroup('memory')]);
  assert.is(Number(limits), (512 + 160 + 512) * 2 ** 20);
});

test('the kernel line, with the token on it, is where no user of the host can read it', async () => {
  const qmp = await Qmp.connect(toVmPaths(spec.runDir).qmp, AbortSignal.timeout(5_000));
  const line = await qmp.execute('qom-get', { path: '/machine', property: 'append' });
  qmp.close();
  assert.ok(String(line).includes(spec.configArg), 'it is the line that the machine has');

  const secrets = [token, spec.configArg, Buffer.from(token).toString('base64').slice(0, 56), Buffer.from(token).toString('hex')];
  assert.equal(await findInProcesses(secrets), []);
  const canaries = [
    spawn('sleep', ['30'], { env: { CANARY: `x${token}x` } }),
    spawn('sh', ['-c', 'sleep 30', spec.configArg]),
    spawn('sh', ['-c', 'sleep 30', Buffer.from(token).toString('hex')]),
  ];
  await Promise.all(canaries.map((canary) => once(canary, 'spawn')));
  const found = await findInProcesses(secrets);
  for (const { pid } of canaries) assert.ok(found.includes(pid!), 'the same search finds it where it is');
  for (const canary of canaries) canary.kill();
});

test('no file of the machine has the token', async () => {
  const files = await run([
    'grep',
    '-rlaF',
    '-e',
    token,
    '-e',
    spec.configArg,
    spec.runDir,
    join(dir, 'run'),
    `/run/${INSTANCE}-stage`,
  ]).catch((error: Error) => (error.message.includes('exit code 1') ? '' : Promise.reject(error)));
  assert.is(files, '');
  await writeFile(join(spec.runDir, 'canary'), `x${token}`);
  assert.is((await run(['grep', '-rlaF', '-e', token, spec.runDir])).trim(), join(spec.runDir, 'canary'));
  await rm(join(spec.runDir, 'canary'));
});

test('another controller adopts it, and stops it; a second stop is no error', async () => {
  const other = createDriver();
  assert.is(await other.adopt({ ...machine.record, startTime: machine.record.startTime + 1 }), undefined);
  assert.is(await other.adopt({ ...machine.record, pid: process.pid }), undefined);
  const adopted = await other.adopt(machine.record);
  assert.equal(adopted!.record, machine.record);
  const started = performance.now();
  const [first, second] = await Promise.all([adopted!.stop(20_000), adopted!.stop(20_000)]);
  assert.ok(performance.now() - started < 5_000 * PACE, 'nobody waits for a guest that has nothing to say');
  assert.equal([first, second], [await machine.exited, await machine.exited]);
  assert.equal(await machine.stop(100), first);
  assert.is(await isAlive(machine.record), false);
  assert.equal(await listLeft(spec), []);
  assert.is(await other.adopt(machine.record), undefined);
  await other.remove(machine.record);
});

test('a machine that has lived too long is ended by its shim, which outlives it to say so', async () => {
  const { record, exited, stop } = await start({ ...(await toSpec({})), lifetimeS: 2 });
  const exit = await exited;
  assert.equal([exit.code, exit.isTooOld], [null, true]);
  assert.equal(await driver.readExit(record), exit);
  await stop(0);
});

test('a machine that is killed says by what', async () => {
  const { record, exited, stop } = await start(await toSpec({}));
  process.kill(record.pid, 'SIGKILL');
  assert.equal(await exited, { reason: 'killed by SIGKILL', code: 137 });
  await stop(0);
});

const FAILURES: [title: string, reason: RegExp, broken: (spec: MachineSpec) => Promise<Partial<MachineSpec>>][] = [
  ['a kernel that is not there', /mount: .*\/none\/bzImage/, async () => ({ kernel: { ...kernel, bzImage: '/none/bzImage' } })],
  ['no kernel', /there is no kernel to boot: just build-kernel$/, async () => ({ kernel: undefined })],
  ['an image that is not there', /mount: .*\/none\/rootfs\.erofs/, async () => ({ image: { ...image, rootfs: '/none/rootfs.erofs' } })],
  ['an image without a hash tree', /has no hash tree: just build-image$/, async () => ({ image: { id: image.id, rootfs: image.rootfs } })],
  ['a network that is not there', /nsenter: .*\/run\/netns\/oriqemu-none/, async () => ({ netns: '/run/netns/oriqemu-none' })],
  ['a network without a tap', /could not configure \S*tun.*tap0|tap0.*not permitted/i, async () => ({ netns: '/proc/self/ns/net' })],
  ["another's tap", /tap0.*: (Operation not permitted|Device or resource busy)/, async () => ({ hostUser: slot.hostUser + 1 })],
  ['a kernel line that is too long', /kernel line: \d+ bytes, \d+ fit/, async () => ({ image: { ...image, rootArgs: 'x'.repeat(2_000) } })],
  [
    'no space for the overlay',
    /overlay\.ext4.*No space left on device/,
    async ({ runDir }) => {
      await run(['mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', runDir]);
      return {};
    },
  ],
];
for (const [title, reason, broken] of FAILURES)
  test(`${title}: the start fails and says so, with nothing left`, async () => {
    const good = await toSpec({});
    await failsWith({ ...good, ...(await broken(good)) }, reason).finally(() => run(['umount', '-q', good.runDir]).catch(() => undefined));
  });

const PROGRAMS: [title: string, text: string, mode: number, reason: RegExp][] = [
  ['is no program', '', 0o644, /QEMU is not installed: apt-get install qemu-system-x86$/],
  ['cannot be run', '#!/nowhere', 0o755, /QEMU ended before it had a machine( \(.*\))?; it said:\nsetpriv: .*qemu-system-x86_64/],
  ['ends at once', '#!/bin/sh\necho strange >&2; exit 3', 0o755, /QEMU ended before it had a machine( \(.*\))?; it said:\nstrange$/],
  [
    'ends a moment later',
    '#!/bin/sh\nsleep 0.3; echo late; exit 0',
    0o755,
    /QEMU ended before it had a machine( \(.*\))?; it said:\nlate$/,
  ],
];
for (const [title, text, mode, reason] of PROGRAMS)
  test(`a QEMU that ${title}: the start fails and says so, with nothing left`, async () => {
    const good = await toSpec({});
    await withProgram(text, mode, () => failsWith(good, reason));
  });

test('a QEMU that never listens is given up with the start, at once', async () => {
  const good = await toSpec({});
  await withProgram('#!/bin/sh\nexec sleep 60', 0o755, async () => {
    const started = performance.now();
    const failure = await driver.start(good, AbortSignal.timeout(700)).catch((error: unknown) => error);
    assert.instance(failure, MachineStartFailed);
    assert.ok(performance.now() - started < 2_500 * PACE);
    assert.equal(await listLeft(good), []);
  });
});

test('given up at any moment, a start leaves nothing', async () => {
  for (const afterMs of [0, 5, 10, 20, 40, 80, 120, 200, 300]) {
    const good = await toSpec({});
    const abort = new AbortController();
    setTimeout(() => abort.abort(), afterMs);
    const late = await driver.start(good, abort.signal).catch((error: unknown) => void assert.instance(error, MachineStartFailed));
    await late?.stop(0);
    assert.equal(await listLeft(good), [], `after ${afterMs} ms`);
  }
});

test('a byte of the image that is another ends the machine, which says why', async () => {
  const rootfs = join(dir, 'rootfs.erofs');
  await copyFile(image.rootfs, rootfs);
  await flipBit(rootfs, 100);
  assert.match((await endOf({ image: { ...image, rootfs } })).reason, /^panic: dm-verity device corrupted \(the image is damaged: /);
  await flipBit(rootfs, 100);

  await truncate(rootfs, 64 * 2 ** 20);
  const { reason } = await endOf({ image: { ...image, rootfs } });
  assert.match(reason, /^panic: /, 'one that is cut short, too');
  await rm(rootfs);
});

test('when all is closed a census by plain tools is what it was before', async () => {
  await driver.close();
  await removeCloneNetwork(slot);
  for (const id of await readdir(join(dir, 'machines'))) await rm(join(dir, 'machines', id), { recursive: true });
  for (const until = Date.now() + 5_000; Date.now() < until && diffCensus(before, await lookAround()).length > 0;) await sleep(50);
  assert.equal(diffCensus(before, await lookAround()), []);
  assert.equal((await run(['find', dir, '-type', 'f'])).trim(), '');
  assert.not(logged.some((line) => line.includes('could not be taken down')));
});

function createDriver() {
  return createQemuDriver({ runDir: join(dir, 'run'), instance: INSTANCE, accelerator: 'tcg', kernelArgs: [], diskMib: DISK_MIB, log });
}

async function toSpec({ token = newSecret() }): Promise<MachineSpec> {
  const machineId = newMachineId();
  const runDir = join(dir, 'machines', machineId);
  await mkdir(runDir, { recursive: true, mode: 0o700 });
  // Whoever makes it in the product has it in a directory that others may pass through.
  await run(['chmod', '755', dir, join(dir, 'machines')]);
  const media = { ...slot.media, bitrateKbps: 4_000, framerate: 30 };
  const display = { width: 1280, height: 720 };
  return {
    machineId,
    runDir,
    image,
    kernel,
    configArg: toKernelArg({ protocol: PROTOCOL_VERSION, machineId, hostname: 'desktop', token, display, media }),
    hostname: 'desktop',
    netns: `/run/netns/${slot.guestNetns}`,
    hostUser: slot.hostUser,
    limits: { memoryMib: 512, cpus: 1, pids: 64 },
    diskMib: DISK_MIB,
    console: { path: join(runDir, 'console.log'), maxBytes: 1 << 20 },
  };
}

function start(what: MachineSpec): Promise<Machine> {
  return driver.start(what, new AbortController().signal);
}

async function failsWith(what: MachineSpec, reason: RegExp): Promise<void> {
  const files = (await readdir('/proc/self/fd')).length;
  const error = await start(what).then(
    (started) => started.stop(0),
    (failure: unknown) => failure,
  );
  assert.instance(error, MachineStartFailed);
  const { message } = error as Error;
  assert.match(message, new RegExp(`^virtual machine ${what.machineId} was not started: `));
  assert.match(message, reason);
  assert.not.match(message, what.configArg);
  assert.equal(await listLeft(what), []);
  assert.ok((await readdir('/proc/self/fd')).length <= files, 'no file is left open');
}

/** With this text as QEMU: a bind mount in the test's own mount namespace. */
async function withProgram(text: string, mode: number, act: () => Promise<void>): Promise<void> {
  const program = (await run(['sh', '-c', 'command -v qemu-system-x86_64'])).trim();
  const fake = join(dir, 'fake-qemu');
  await writeFile(fake, text, { mode });
  await run(['mount', '--bind', fake, program]);
  try {
    await act();
  } finally {
    await run(['umount', program]);
    await rm(fake);
  }
}

async function endOf(other: Partial<MachineSpec>) {
  const ending = await start({ ...(await toSpec({})), ...other });
  const exit = await ending.exited;
  await ending.stop(0);
  return exit;
}

async function untilConsole({ console }: MachineSpec, pattern: RegExp): Promise<void> {
  for (const until = Date.now() + 50_000 * PACE; !pattern.test(await readConsole(console.path)); await sleep(50)) {
    if (Date.now() > until) throw new Error(`${pattern} is not on the console: ${await readConsole(console.path)}`);
  }
}

/** Whether a command works as the VMM's user, where the VMM is. */
function asVmm(argv: string[]): Promise<boolean> {
  const user = String(slot.hostUser);
  return asRoot(['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--bounding-set=-all', ...argv]);
}

function asRoot(argv: string[]): Promise<boolean> {
  return run(['nsenter', `--mount=/proc/${machine.record.pid}/ns/mnt`, '--', ...argv]).then(
    () => true,
    () => false,
  );
}

async function findGroup(controller: string): Promise<string> {
  const found = await run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `*${spec.machineId}*`]);
  const groups = found.split('\n').filter(Boolean);
  return groups.find((path) => path.includes(`/${controller}/`)) ?? groups[0]!;
}

/** Processes of the host with one of these texts in their words or environment. */
async function findInProcesses(texts: string[]): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((pid) => /^\d+$/.test(pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
      const all = (await Promise.all(['cmdline', 'environ', 'comm'].map(read))).join('\0');
      return texts.some((text) => all.includes(text)) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Processes, groups and mounts of a machine. */
async function listLeft({ machineId }: MachineSpec): Promise<string[]> {
  const [processes, groups] = await Promise.all([
    run(['ps', '-eo', 'pid,cgroup,args', '-ww']),
    run(['find', '/sys/fs/cgroup', '-type', 'd', '-name', `*${machineId}*`]),
  ]);
  const ours = processes
    .split('\n')
    .filter((line) => line.includes(machineId) && !line.includes('find /sys') && !line.endsWith('<defunct>'));
  return [...ours, ...groups.split('\n').filter(Boolean)];
}

/** Of control groups only ours: they are the whole host's. */
async function lookAround(): Promise<string[]> {
  const found = await Promise.all([
    run(['find', '/run', '-maxdepth', '1', '-name', `${INSTANCE}*`]),
    run(['find', '/sys/fs/cgroup', '-type', 'd', '(', '-name', INSTANCE, '-o', '-path', `*/${INSTANCE}*m-*`, ')']),
  ]);
  return [...takeCensus().filter((line) => !line.startsWith('cgroup ')), ...found.flatMap((text) => text.split('\n').filter(Boolean))];
}

test.run();
