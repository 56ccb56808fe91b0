import { suite, assert } from '#test/suite';
import { toMissing, type HostFacts } from '../../../../src/machines/drivers/container/check.ts';

const test = suite('container: check of the host');
const good: HostFacts = {
  isRoot: true,
  missingCommands: [],
  sysctls: { 'user/max_user_namespaces': '96365' },
  fileSystems: ['erofs', 'overlay'],
  hasLoopDevices: true,
  cgroupProblem: undefined,
};

test('a host that has everything lacks nothing', () => {
  assert.equal(toMissing(good), []);
});

const CASES: [title: string, facts: Partial<HostFacts>, missing: string[]][] = [
  ['root', { isRoot: false }, ['root: namespaces and mounts are made for each machine; run as root']],
  ['commands', { missingCommands: ['crun', 'unshare', 'nsenter'] }, ['crun, unshare, nsenter: apt-get install crun util-linux']],
  ['user namespaces', { sysctls: { 'user/max_user_namespaces': '0' } }, ['user namespaces: sysctl -w user.max_user_namespaces=15000']],
  [
    'a rule of AppArmor',
    { sysctls: { 'kernel/apparmor_restrict_unprivileged_userns': '1' } },
    ["user namespaces for Chromium's sandbox, which AppArmor refuses: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"],
  ],
  ['file systems', { fileSystems: ['overlay'] }, ['the file system erofs: modprobe erofs']],
  ['loop devices', { hasLoopDevices: false }, ['loop devices: modprobe loop']],
  ['control groups', { cgroupProblem: 'no control group for pids' }, ['control groups: no control group for pids']],
];

for (const [title, facts, missing] of CASES)
  test(`${title}: what is missing comes with how to get it`, () => assert.equal(toMissing({ ...good, ...facts }), missing));

test.run();
