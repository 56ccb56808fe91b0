import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { planProbe, probeKvm, type KvmHost, type KvmVerdict } from '../../src/machines/kvm.ts';

const test = suite('machines: whether KVM works');
const kernel = { id: 'beef', vmlinux: '/kernels/beef/vmlinux', bzImage: '/kernels/beef/bzImage' };
const image = { id: 'f00d', rootfs: '/images/f00d/rootfs.erofs', rootArgs: 'dm-mod.create="v,,,ro" root=/dev/dm-0 ro' };
const YES: KvmVerdict = { works: true, why: 'our kernel boots with it' };
const NO: KvmVerdict = { works: false, why: 'it said nothing' };

let dir: string;
let boots: number;
test.beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'oriel-kvm-')), 'run');
  boots = 0;
});
test.afterEach(() => rm(join(dir, '..'), { recursive: true }));

test('the probe boots our kernel and image as a machine does, without a network and with nothing secret', () => {
  assert.equal(planProbe(kernel, image), [
    'qemu-system-x86_64',
    ...['-M', 'microvm,acpi=on,rtc=on,isa-serial=on,pcie=off,usb=off', '-accel', 'kvm', '-cpu', 'host', '-m', '512'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', 'stdio'],
    ...['-global', 'virtio-mmio.force-legacy=false', '-kernel', '/kernels/beef/bzImage', '-append'],
    'console=ttyS0 loglevel=4 panic=-1 reboot=t random.trust_cpu=on dm-mod.create="v,,,ro" root=/dev/dm-0 ro init=/usr/sbin/oriel-init',
    ...['-drive', 'id=root,file=/images/f00d/rootfs.erofs,format=raw,if=none,readonly=on,file.locking=off'],
    ...['-device', 'virtio-blk-device,drive=root'],
  ]);
});

test('without /dev/kvm nothing is booted', async () => {
  const verdict = await probeKvm(dir, kernel, image, { ...toHost(YES), hasDevice: async () => false });
  assert.equal([verdict.works, boots], [false, 0]);
  assert.match(verdict.why, /^\/dev\/kvm is missing: /);
});

for (const verdict of [YES, NO])
  test(`a verdict (${verdict.works}) is kept: the same boot, kernel and image are not tried again`, async () => {
    assert.equal(await probeKvm(dir, kernel, image, toHost(verdict)), verdict);
    assert.equal(await probeKvm(dir, kernel, image, toHost({ works: !verdict.works, why: 'another' })), verdict);
    assert.is(boots, 1);
    assert.equal(await readdir(dir), ['kvm.json'], 'nothing half written is left');
  });

const OTHERS: [title: string, ask: () => Promise<KvmVerdict>][] = [
  ['boot of the host', () => probeKvm(dir, kernel, image, { ...toHost(YES), readBootId: async () => 'another' })],
  ['kernel', () => probeKvm(dir, { ...kernel, id: 'another' }, image, toHost(YES))],
  ['image', () => probeKvm(dir, kernel, { ...image, id: 'another' }, toHost(YES))],
];
for (const [title, ask] of OTHERS)
  test(`another ${title} is tried anew`, async () => {
    await probeKvm(dir, kernel, image, toHost(NO));
    assert.equal(await ask(), YES);
    assert.is(boots, 2);
  });

for (const kept of ['', '{"half":', '{"key":"boot beef f00d","works":"yes","why":""}', '[]'])
  test(`a kept file that says ${JSON.stringify(kept)} is as good as none`, async () => {
    await probeKvm(dir, kernel, image, toHost(NO));
    await writeFile(join(dir, 'kvm.json'), kept);
    assert.equal(await probeKvm(dir, kernel, image, toHost(YES)), YES);
  });

test('what could not be tried is no verdict: it is tried again', async () => {
  const broken = { ...toHost(YES), boot: () => Promise.reject(new Error('spawn qemu-system-x86_64 ENOENT')) };
  assert.match(await messageOf(probeKvm(dir, kernel, image, broken)), 'spawn qemu-system-x86_64 ENOENT');
  assert.equal(await probeKvm(dir, kernel, image, toHost(YES)), YES);
  const { rootArgs: _, ...bare } = image;
  assert.match(await messageOf(probeKvm(dir, kernel, bare, toHost(YES))), 'image f00d has no hash tree: just build-image');
});

function toHost(verdict: KvmVerdict): KvmHost {
  return {
    hasDevice: async () => true,
    readBootId: async () => 'boot',
    findVmm: async () => 'qemu',
    boot: async () => {
      boots++;
      return verdict;
    },
  };
}

function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => error.message,
  );
}

test.run();
