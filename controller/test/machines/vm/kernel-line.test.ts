import { suite, assert } from '#test/suite';
import { toKernelArg } from '#contract/kernel-line';
import { CONFIG_WORD_MAX_BYTES, type MachineConfig } from '#contract/machine-config';
import {
  findProblem,
  KERNEL_LINE_MAX_BYTES,
  KernelLineInvalid,
  toKernelLine,
  VMM_WORDS_BYTES,
  type KernelLineParts,
} from '../../../src/machines/vm/kernel-line.ts';

const test = suite('vm: kernel line');

const ROOT_ARGS = `dm-mod.create="v,,,ro,0 922944 verity 1 /dev/vda /dev/vda 4096 4096 115368 115368 sha256 ${'0f'.repeat(32)} -" root=/dev/dm-0 rootfstype=erofs ro`;
const PARTS: KernelLineParts = { vmm: 'qemu', rootArgs: ROOT_ARGS, hostname: 'desktop', configArg: 'oriel.config=e30', extra: [] };
const COMMON = 'random.trust_cpu=on';
const IP = 'ip=192.168.100.2::192.168.100.1:255.255.255.252:desktop:eth0:off';
const END = `${ROOT_ARGS} init=/usr/sbin/oriel-init oriel.config=e30`;

test("QEMU's line is every word of it, in this order", () => {
  assert.is(toKernelLine(PARTS), `console=ttyS0 loglevel=4 panic=-1 reboot=t 8250.nr_uarts=1 ${COMMON} ${IP} ${END}`);
});

test("Firecracker's has its keyboard controller, which resets it", () => {
  assert.is(
    toKernelLine({ ...PARTS, vmm: 'firecracker' }),
    `console=ttyS0 loglevel=4 panic=-1 reboot=k i8042.noaux i8042.nomux i8042.dumbkbd 8250.nr_uarts=1 ${COMMON} ${IP} ${END}`,
  );
});

test("an emulated processor is told its clock, and the operator's words come before the root", () => {
  assert.is(
    toKernelLine({ ...PARTS, tscKhz: 2_100_000, extra: ['mitigations=off', 'nosmt'] }),
    `console=ttyS0 loglevel=4 panic=-1 reboot=t 8250.nr_uarts=1 ${COMMON} tsc_early_khz=2100000 ${IP} mitigations=off nosmt ${END}`,
  );
});

const ALLOWED = [
  'mitigations=off',
  'nosmt',
  'maxcpus=2',
  'transparent_hugepage=never',
  'cgroup.memory=nokmem',
  'log_buf_len=1M',
  'rootless',
];
for (const word of ALLOWED) test(`${word} may be added`, () => assert.equal(findProblem(word), []));

const RESERVED = [
  ...['init=/bin/sh', 'rdinit=/bin/sh', 'root=/dev/vdb', 'ro', 'rw', 'rootflags=x', 'rootfstype=ext4', 'ip=dhcp', 'console=tty0', 'quiet'],
  ...[
    'panic=10',
    'reboot=k',
    'pci=off',
    'loglevel=7',
    'acpi=off',
    'mem=1G',
    'hostname=x',
    'oriel.config=e30',
    'oriel.other',
    '8250.nr_uarts=0',
  ],
  ...['dm-mod.create=x', 'dm_mod.create=x', 'dm-verity.error_behavior=x', 'virtio-mmio.device=x', 'virtio_mmio.device=x', 'i8042.nokbd'],
  ...['tsc-early-khz=1', 'tsc_early_khz=1', 'random.trust-cpu=off', '8250-core.nr_uarts=0', 'container=oriel'],
];
for (const word of RESERVED)
  test(`${word} is refused: the name is Oriel's`, () => assert.equal(findProblem(word), [`${word.split('=')[0]} is set by Oriel itself`]));

for (const word of ['debug', 'ignore_loglevel', 'ignore-loglevel', 'printk.ignore_loglevel=1'])
  test(`${word} is refused: the line, with the token on it, would be on the console`, () =>
    assert.equal(findProblem(word), [`${word.split('=')[0]} is set by Oriel itself`]));

for (const word of [
  'a b',
  'a="b',
  'a=b\nc',
  'a=\tb',
  '',
  '=x',
  "a='b'",
  'a=b"',
  'a=b c=d',
  'ä=1',
  '--',
  '-',
  '--init=/bin/sh',
  'a=$(b)',
  'a=b;c',
])
  test(`${JSON.stringify(word)} is no word`, () =>
    assert.equal(findProblem(word), [`${JSON.stringify(word)} is no word: NAME or NAME=VALUE of A-Z a-z 0-9 _ . , : / @ + -`]));

test('all that is wrong is told together', () => {
  assert.is(
    messageOf({ ...PARTS, extra: ['nosmt', 'init=/bin/sh', 'a b'], hostname: 'a:b', configArg: 'oriel.config=e30 init=/bin/sh' }),
    'kernel line: init is set by Oriel itself; "a b" is no word: NAME or NAME=VALUE of A-Z a-z 0-9 _ . , : / @ + -; ' +
      'hostname: letters, digits and dashes only; oriel.config: base64url only',
  );
});

const BROKEN: [title: string, parts: Partial<KernelLineParts>][] = [
  ['a hostname with a word of its own', { hostname: 'desktop init=/bin/sh' }],
  ['a hostname with a field of its own', { hostname: 'desktop:eth1' }],
  ['no hostname', { hostname: '' }],
  ['a config with a word of its own', { configArg: 'oriel.config=e30 rw' }],
  ['a config under another name', { configArg: 'orielXconfig=e30' }],
  ['a config with an end of line', { configArg: 'oriel.config=e30\n' }],
  ['a gate with a word of its own', { configArg: 'oriel.gate=1280x720 rw' }],
  ['a gate without a size', { configArg: 'oriel.gate=' }],
  ['a size under the name of a config', { configArg: 'oriel.config=1280 720' }],
];
for (const [title, parts] of BROKEN)
  test(`${title} is refused`, () => assert.match(messageOf({ ...PARTS, ...parts }), /^kernel line: (hostname|oriel\.config): /));

for (const vmm of ['qemu', 'firecracker'] as const) {
  test(`${vmm}: a line that just fits is taken, one byte more is refused with the number of bytes and who has them`, () => {
    const room = KERNEL_LINE_MAX_BYTES - VMM_WORDS_BYTES[vmm];
    const parts = { ...PARTS, vmm };
    const pad = 'x'.repeat(room - toKernelLine({ ...parts, extra: ['a='] }).length);
    assert.is(Buffer.byteLength(toKernelLine({ ...parts, extra: [`a=${pad}`] })), room);
    assert.is(
      messageOf({ ...parts, extra: [`a=${pad}x`] }),
      `kernel line: ${room + 1} bytes, ${room} fit (2047, less ${VMM_WORDS_BYTES[vmm]} for the words of ${vmm}); ` +
        `ORIEL_KERNEL_ARGS has most of them, ${pad.length + 3}`,
    );
  });
}

test('who has most of a line that is too long is the one to blame', () => {
  const long = 'x'.repeat(1_900);
  assert.match(messageOf({ ...PARTS, configArg: `oriel.config=${long}` }), / oriel\.config has most of them, 1913$/);
  assert.match(messageOf({ ...PARTS, rootArgs: long }), / the image's root has most of them, 1900$/);
  assert.match(messageOf({ ...PARTS, extra: ['nosmt', `a=${long}`] }), / ORIEL_KERNEL_ARGS has most of them, 1908$/);
});

test('the longest config that the contract takes fits, for both, with a root as long as one gets', () => {
  const longest: MachineConfig = {
    protocol: Number.MAX_SAFE_INTEGER,
    machineId: 'm-aaaaaaaaaaaa',
    hostname: 'a'.repeat(63),
    token: '-'.repeat(43),
    display: { width: 3840, height: 2160 },
    media: { portMin: 65_535, portMax: 65_535, bitrateKbps: 50_000, framerate: 60 },
  };
  // An image of 2 TiB: 12 digits of sectors, 10 of blocks.
  const rootArgs = ROOT_ARGS.replace('922944', '9'.repeat(12)).replaceAll('115368', '9'.repeat(10));
  for (const vmm of ['qemu', 'firecracker'] as const) {
    const parts = { vmm, rootArgs, hostname: longest.hostname, extra: ['mitigations=off'], tscKhz: 9_999_999 };
    assert.match(toKernelLine({ ...parts, configArg: toKernelArg(longest) }), / oriel\.config=\w+/);
    assert.ok(toKernelLine({ ...parts, configArg: `oriel.config=${'x'.repeat(CONFIG_WORD_MAX_BYTES - 13)}` }));
  }
});

function messageOf(parts: KernelLineParts): string {
  try {
    toKernelLine(parts);
  } catch (error) {
    assert.instance(error, KernelLineInvalid);
    return (error as Error).message;
  }
  throw new Error('the line was taken');
}

test.run();
