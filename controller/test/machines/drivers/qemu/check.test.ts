import { suite, assert } from '#test/suite';
import { toMissing, type QemuFacts } from '../../../../src/machines/drivers/qemu/check.ts';

const test = suite('qemu: check of the host');
const good: QemuFacts = { isRoot: true, missingCommands: [], cgroupProblem: undefined, hasTun: true };

test('a host that has everything lacks nothing', () => {
  assert.equal(toMissing(good), []);
});

const CASES: [title: string, facts: Partial<QemuFacts>, missing: string[]][] = [
  ['root', { isRoot: false }, ['root: namespaces and mounts are made for each machine; run as root']],
  [
    'commands',
    { missingCommands: ['qemu-system-x86_64', 'mkfs.ext4', 'setpriv', 'unshare', 'conmon'] },
    ['qemu-system-x86_64, mkfs.ext4, setpriv, unshare, conmon: apt-get install qemu-system-x86 e2fsprogs util-linux conmon'],
  ],
  ['taps', { hasTun: false }, ['taps, /dev/net/tun: modprobe tun']],
  ['control groups', { cgroupProblem: 'no control group for pids' }, ['control groups: no control group for pids']],
];
for (const [title, facts, missing] of CASES)
  test(`${title}: what is missing comes with how to get it`, () => assert.equal(toMissing({ ...good, ...facts }), missing));

test.run();
