import { suite, assert } from '#test/suite';
import type { MachineSpec } from '../../../../src/machines/driver.ts';
import { planQemu, toVmmLimits, type Accelerator } from '../../../../src/machines/drivers/qemu/argv.ts';

const test = suite('qemu: argv');
const PLAN = { stage: '/run/oriel-stage', cpus: 2, memoryMib: 2048, mac: '02:00:00:00:64:02', isCopy: false };
const ACCELERATORS: Record<Accelerator, string[]> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi,tb-size=256', '-cpu', 'max,-avx,-avx2,-f16c,-fma'],
};

for (const [accelerator, words] of Object.entries(ACCELERATORS))
  test(`${accelerator}: every word of it`, () => {
    assert.equal(planQemu({ ...PLAN, accelerator: accelerator as Accelerator }), [
      'qemu-system-x86_64',
      '-preconfig',
      ...['-M', 'microvm,acpi=on,rtc=on,isa-serial=on,pcie=off,usb=off,dump-guest-core=off,mem-merge=off'],
      ...words,
      ...['-smp', '2', '-m', '2048', '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
      ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
      ...['-global', 'virtio-mmio.force-legacy=false', '-kernel', '/run/oriel-stage/kernel'],
      ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
      ...['-drive', 'id=root,file=/run/oriel-stage/rootfs.erofs,format=raw,if=none,readonly=on,file.locking=off'],
      ...['-device', 'virtio-blk-device,drive=root'],
      '-drive',
      'id=overlay,file=/run/oriel-stage/files/overlay.ext4,format=raw,if=none,cache=unsafe,discard=unmap,detect-zeroes=unmap,werror=report',
      ...['-device', 'virtio-blk-device,drive=overlay'],
      ...['-netdev', 'tap,id=net,ifname=tap0,script=no,downscript=no', '-device', 'virtio-net-device,netdev=net,mac=02:00:00:00:64:02'],
      ...['-object', 'rng-random,id=random,filename=/dev/urandom', '-device', 'virtio-rng-device,rng=random'],
      ...['-device', 'virtio-balloon-device,free-page-reporting=on', '-qmp', 'unix:/run/oriel-stage/files/qmp.sock,server=on,wait=off'],
    ]);
  });

test('there is no kernel line in it: all users of the host can read it', () => {
  assert.not.match(planQemu({ ...PLAN, accelerator: 'tcg' }).join('\n'), /-append|oriel\.config|ttyS0/);
});

const LIMITS: [cpus: number, accelerator: Accelerator, limits: MachineSpec['limits']][] = [
  [2, 'kvm', { memoryMib: 2208, cpus: 2, pids: 130 }],
  [2, 'tcg', { memoryMib: 2720, cpus: 2, pids: 130 }],
  [0.5, 'kvm', { memoryMib: 2208, cpus: 0.5, pids: 129 }],
  [256, 'kvm', { memoryMib: 2208, cpus: 256, pids: 384 }],
];
for (const [cpus, accelerator, limits] of LIMITS)
  test(`${accelerator} with ${cpus} processors: memory for the VMM, too, and a thread for each processor, whatever the guest's own limit of processes is`, () =>
    assert.equal(toVmmLimits({ limits: { memoryMib: 2048, cpus, pids: 2048 } } as MachineSpec, accelerator), limits));

test.run();
