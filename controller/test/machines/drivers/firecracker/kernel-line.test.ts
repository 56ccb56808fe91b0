import { assert, suite } from '#test/suite';
import { KERNEL_LINE_MAX_BYTES, KernelLineInvalid, toKernelLine, VMM_WORDS_BYTES } from '../../../../src/machines/vm/kernel-line.ts';
import { toBootRequests } from '../../../../src/machines/drivers/firecracker/requests.ts';

const test = suite('firecracker: kernel line');
const parts = {
  vmm: 'firecracker' as const,
  rootArgs: 'dm-mod.create="root,,,ro,0 8 verity" root=/dev/dm-0',
  hostname: 'desktop',
  configArg: 'oriel.config=e30',
  extra: ['nokaslr'],
};

test('the line for Firecracker resets by the keyboard controller and names the root itself', () => {
  assert.is(
    toKernelLine(parts),
    'console=ttyS0 loglevel=4 panic=-1 reboot=k i8042.noaux i8042.nomux i8042.dumbkbd 8250.nr_uarts=1 random.trust_cpu=on ' +
      'ip=192.168.100.2::192.168.100.1:255.255.255.252:desktop:eth0:off nokaslr ' +
      'dm-mod.create="root,,,ro,0 8 verity" root=/dev/dm-0 init=/usr/sbin/oriel-init oriel.config=e30',
  );
});

test('room is left for what Firecracker adds: a word for each device that we ask for, and pci=off', () => {
  const devices = toBootRequests({ cpus: 1, memoryMib: 512, kernelLine: '', mac: '' }).filter(({ path }) =>
    /^\/(drives|network-interfaces|entropy|balloon)/.test(path),
  );
  const added = devices.map((_, i) => ` virtio_mmio.device=4K@0x${(0xc0001000 + i * 4096).toString(16)}:${5 + i}`);
  assert.is(VMM_WORDS_BYTES.firecracker, [' pci=off', ...added].join('').length);
});

test('a line that is full to the last byte is taken, one byte more is refused with what has most of it', () => {
  const room = KERNEL_LINE_MAX_BYTES - VMM_WORDS_BYTES.firecracker;
  const fill = room - toKernelLine(parts).length;
  const full = { ...parts, configArg: parts.configArg + 'A'.repeat(fill) };
  assert.is(toKernelLine(full).length, room);
  assert.throws(
    () => toKernelLine({ ...full, configArg: `${full.configArg}A` }),
    (error: Error) => error instanceof KernelLineInvalid && /oriel\.config has most/.test(error.message),
  );
});

test.run();
