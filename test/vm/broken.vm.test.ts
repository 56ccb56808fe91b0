import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, renameSync, rmSync, symlinkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeCensus } from '#test/census';
import { flipBit } from '#test/flip-bit';
import { makeInternet } from '#test/internet';
import { findLeftOver } from '#test/left-over';
import { PACE } from '#test/pace';
import { withFakeQemu, withoutQemu } from '#test/qemu-program';
import { assert, suite } from '#test/suite';
import type { FakeQemu } from '../../controller/test/fakes/fake-qemu.ts';
import { makeTinyImage, toConfigArg } from '../../controller/test/machines/tiny-image.ts';
import { findKernel } from '../../controller/src/machines/kernel.ts';
import { BrokenOriel } from '../kit/broken/controller.ts';
import { BROKEN_VIRTUAL_MACHINES, type SpecFault } from '../kit/broken/virtual-machines.ts';

/*
 * A real controller whose virtual machines are made from what they should not be made from, one after the other. What a container can
 * show as well is in test/e2e/broken.e2e.test.ts.
 */
const test = suite('virtual machines, broken on purpose', { timeoutMs: 60_000 });

/** An emulated machine is given five times as long to boot. */
const BOOT_S = Math.ceil(2 * PACE);
const LIMITS_MS = { machine: 10_000, boot: 5 * BOOT_S * 1000 };
const SLACK_MS = 1_500 * PACE;

interface Case {
  title: string;
  fault?: SpecFault;
  /** What is so while the session is there. */
  around?: (act: () => Promise<void>) => Promise<void>;
  /** That it failed in; none when it failed before. */
  phase?: keyof typeof LIMITS_MS;
  code: string;
  reason: RegExp;
}

const oriel = new BrokenOriel(BROKEN_VIRTUAL_MACHINES);
const kernelDir = join(oriel.dir, 'kernels');
let before: string[] = [];
let idle: string[] = [];

/** It is another user's. */
const refuseTap: SpecFault = ({ hostUser }) => ({ hostUser: hostUser + 1 });

const diesAt = (step: NonNullable<FakeQemu['diesAt']>, phase: 'machine' | 'boot', code: string, reason: RegExp): Case => ({
  title: `QEMU ends at ${step}`,
  around: (act) => withFakeQemu({ diesAt: step }, act),
  phase,
  code,
  reason,
});

const CASES: Case[] = [
  {
    title: 'the kernel is missing',
    around: withoutKernel,
    code: 'kernel_unusable',
    reason: /^there is no kernel to boot: no kernel latest in \S+: build one: just build-kernel$/,
  },
  {
    title: 'QEMU is not installed',
    around: withoutQemu,
    phase: 'machine',
    code: 'machine_failed',
    reason: /^the machine could not be started: QEMU is not installed: apt-get install qemu-system-x86$/,
  },
  {
    title: 'no space for the overlay',
    around: withLittleRoom,
    phase: 'machine',
    code: 'machine_failed',
    reason: /^the machine could not be started: .*overlay\.ext4.*: No space left on device$/,
  },
  {
    title: 'the tap is refused',
    fault: refuseTap,
    phase: 'machine',
    code: 'machine_failed',
    reason: /QEMU ended before it had a machine[^]*tap0.*(Operation not permitted|Device or resource busy)/,
  },
  {
    title: 'the socket of QEMU never appears',
    around: (act) => withFakeQemu({ deaf: true }, act),
    phase: 'machine',
    code: 'machine_failed',
    reason: /^the machine could not be started: QEMU did not open its socket$/,
  },
  diesAt(
    'start',
    'machine',
    'machine_failed',
    /QEMU ended before it had a machine \(QEMU did not open its socket\); it said:\nI end at start$/,
  ),
  diesAt('connection', 'machine', 'machine_failed', /QEMU ended before it had a machine \(greeting: .*\); it said:\nI end at connection$/),
  diesAt('qmp_capabilities', 'machine', 'machine_failed', /QEMU ended before it had a machine \(qmp_capabilities: /),
  diesAt('qom-set', 'machine', 'machine_failed', /QEMU ended before it had a machine \(qom-set: /),
  diesAt('x-exit-preconfig', 'machine', 'machine_failed', /QEMU ended before it had a machine \(x-exit-preconfig: /),
  diesAt('running', 'boot', 'machine_exited', /^the machine is gone: exited with code 3; its last lines:\nflooded\nI end at running$/),
  {
    title: 'a bit of the image is another',
    fault: async ({ image }) => {
      const rootfs = join(oriel.dir, 'damaged.erofs');
      copyFileSync(image.rootfs, rootfs);
      await flipBit(rootfs, 100);
      return { image: { ...image, rootfs } };
    },
    around: (act) => act().finally(() => rmSync(join(oriel.dir, 'damaged.erofs'))),
    phase: 'boot',
    code: 'machine_exited',
    reason:
      /^the machine is gone: panic: dm-verity device corrupted \(the image is damaged: remove it and build it again: just build-image\)/,
  },
  {
    title: "the guest's kernel panics",
    fault: ({ image }) => ({ image: { ...image, rootArgs: 'root=/dev/vdz' } }),
    phase: 'boot',
    code: 'machine_exited',
    reason: /^the machine is gone: panic: VFS: Unable to mount root fs .* \(the image cannot be mounted\)/,
  },
  {
    title: 'there is no init',
    fault: async () => ({ image: await makeTinyImage(oriel.dir, { withInit: false }) }),
    phase: 'boot',
    code: 'machine_exited',
    reason: /^the machine is gone: panic: Requested init \/usr\/sbin\/oriel-init failed .*\(the image has no init that can be run\)/,
  },
  {
    title: 'init fails',
    // The kernel's panic does not wait for what is still on its way to the serial port.
    fault: async () => ({
      image: await makeTinyImage(oriel.dir),
      configArg: toConfigArg('echo oriel: fatal: overlay: not mounted; sleep 0.5; exit 1'),
    }),
    phase: 'boot',
    code: 'machine_fatal',
    reason: /^overlay: not mounted$/,
  },
  {
    title: 'the guest never reports',
    fault: async () => ({ image: await makeTinyImage(oriel.dir), configArg: toConfigArg('echo waiting for a disk; sleep 3600') }),
    phase: 'boot',
    code: 'boot_timed_out',
    reason: /^the agent in the machine did not report within \d+ s; its last lines:\n[^]*waiting for a disk$/,
  },
];

test.before(async () => {
  makeInternet();
  before = takeCensus();
  const { bzImage } = await findKernel(process.env.ORIEL_KERNEL_DIR || '/var/lib/oriel/kernels');
  mkdirSync(kernelDir);
  symlinkSync(join(bzImage, '..'), join(kernelDir, 'latest'));
  await oriel.start({
    ORIEL_KERNEL_DIR: kernelDir,
    ORIEL_MEMORY_MIB: '512',
    ORIEL_MACHINE_TIMEOUT_SECONDS: String(LIMITS_MS.machine / 1000),
    ORIEL_BOOT_TIMEOUT_SECONDS: String(BOOT_S),
  });
  // The first machine makes what all share.
  const { id } = await oriel.startSession(refuseTap, 'first');
  await oriel.waitForEnd(id, LIMITS_MS.machine + 10_000);
  await untilUndone();
  idle = takeCensus();
});
test.after(() => oriel.stop());

for (const { title, fault = () => ({}), around = (act: () => Promise<void>) => act(), phase, code, reason } of CASES)
  test(`${title}: failed within the limit, with a reason that says so, and everything is undone`, async () => {
    await around(async () => {
      const { id } = await (phase ? oriel.startSession(fault, 'somebody') : oriel.startAny('somebody'));
      const session = await oriel.waitForEnd(id, LIMITS_MS.machine + LIMITS_MS.boot + 10_000);
      assert.equal([session.status, session.reason?.code], ['failed', code], session.reason?.message);
      assert.match(session.reason!.message, reason);
      assert.not.match(session.reason!.message, /oriel\.config=|0xffffffff/);

      const last = session.phases.at(-1);
      assert.is(last?.name, phase);
      if (last) assert.ok(Date.parse(session.updatedAt) - Date.parse(last.startedAt) <= LIMITS_MS[phase!] + SLACK_MS);
      await untilUndone();
    });
    assert.equal(await findLeftOver(idle, oriel), []);
    assert.equal(readdirSync(join(oriel.dataDir, 'machines')), []);
  });

test('no mistake of the controller is in its log', () => {
  const mistakes = oriel.logged.filter((line) => /bring-up broke|nobody caught|could not be taken down/.test(line));
  assert.equal(mistakes, []);
});

test('nothing is left over', async () => {
  await oriel.stop();
  assert.equal(await findLeftOver(before, oriel), []);
});

test.run();

/** While what breaks a machine is still so: taking it down does not need that it is not. */
async function untilUndone(): Promise<void> {
  for (const until = Date.now() + 5_000 * PACE; oriel.sessionCount > 0; await sleep(20)) assert.ok(Date.now() < until, 'not undone');
}

async function withoutKernel(act: () => Promise<void>): Promise<void> {
  const [latest, aside] = [join(kernelDir, 'latest'), join(kernelDir, 'aside')];
  renameSync(latest, aside);
  await act().finally(() => renameSync(aside, latest));
}

/** Machines find a disk that their small files fit on. The database has another: what becomes of it is the store's test. */
async function withLittleRoom(act: () => Promise<void>): Promise<void> {
  const dir = join(oriel.dataDir, 'machines');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=192k,mode=700', 'tmpfs', dir]);
  await act().finally(() => execFileSync('umount', [dir]));
}
