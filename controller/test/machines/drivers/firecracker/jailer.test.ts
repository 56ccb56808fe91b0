import { assert, suite } from '#test/suite';
import type { MachineSpec } from '../../../../src/machines/driver.ts';
import { planJailer } from '../../../../src/machines/drivers/firecracker/jailer.ts';
import { planLaunch, type FirecrackerLaunch } from '../../../../src/machines/drivers/firecracker/launch.ts';
import { toVmmLimits } from '../../../../src/machines/drivers/firecracker/limits.ts';
import { toJailRoot, toTalkPaths } from '../../../../src/machines/drivers/firecracker/paths.ts';

const test = suite('firecracker: jailer');
const RUN_DIR = '/var/lib/oriel/machines/m-aaaaaaaaaaaa';
const spec: MachineSpec = {
  machineId: 'm-aaaaaaaaaaaa',
  runDir: RUN_DIR,
  image: { id: 'f00d', rootfs: '/var/lib/oriel/images/f00d/rootfs.erofs', rootArgs: 'root=/dev/dm-0' },
  kernel: { id: 'beef', vmlinux: '/var/lib/oriel/kernels/beef/vmlinux', bzImage: '/var/lib/oriel/kernels/beef/bzImage' },
  configArg: 'oriel.config=CANARY',
  hostname: 'desktop',
  netns: '/run/netns/oriel-g0',
  hostUser: 0x70000000,
  limits: { memoryMib: 2048, cpus: 2, pids: 1024 },
  diskMib: 4096,
  console: { path: `${RUN_DIR}/console.log`, maxBytes: 1048576 },
};
const plan: FirecrackerLaunch = {
  spec,
  programs: { firecracker: '/opt/fc/firecracker-v1.16.1-x86_64', jailer: '/opt/fc/jailer-v1.16.1-x86_64' },
  stage: '/run/oriel-stage',
  instance: 'oriel',
  layout: { version: 1, v1: {} },
  template: '/run/oriel/templates/overlay-4096.ext4',
  files: [
    ['/var/lib/oriel/images/f00d/rootfs.erofs', '/rootfs.erofs'],
    ['/var/lib/oriel/kernels/beef/vmlinux', '/vmlinux'],
  ],
  groups: ['/sys/fs/cgroup/pids/oriel/m-aaaaaaaaaaaa', '/sys/fs/cgroup/memory/oriel/m-aaaaaaaaaaaa'],
};
const JAILER = [
  '/opt/fc/jailer-v1.16.1-x86_64',
  ...['--id', 'm-aaaaaaaaaaaa', '--exec-file', '/opt/fc/firecracker-v1.16.1-x86_64', '--uid', '1879048192', '--gid', '1879048192'],
  ...['--chroot-base-dir', '/run/oriel-stage', '--netns', '/run/netns/oriel-g0'],
  ...['--resource-limit', 'fsize=4294967296', '--resource-limit', 'no-file=1024'],
];
const OWN = ['--', '--api-sock', '/files/api.sock'];

test('a jailer is told its user, its network, its limits, and of no control group', () => {
  assert.equal(planJailer(plan), [...JAILER, ...OWN]);
});

test('no file that it writes is bigger than its overlay, or its guest’s memory', () => {
  const fsizeOf = (change: Partial<MachineSpec>) =>
    planJailer({ ...plan, spec: { ...spec, ...change } }).find((word) => /^fsize=/.test(word));
  assert.is(fsizeOf({ diskMib: 64 }), `fsize=${2048 * 2 ** 20}`);
  assert.is(fsizeOf({ diskMib: 64, limits: { ...spec.limits, memoryMib: 32 } }), `fsize=${64 * 2 ** 20}`);
});

test('on a v2 host the jailer is told the group that the machine is in already', () => {
  const layout = { version: 2 as const, unified: '/sys/fs/cgroup', v1: {} };
  assert.equal(planJailer({ ...plan, layout }), [...JAILER, '--cgroup-version', '2', '--parent-cgroup', 'oriel/m-aaaaaaaaaaaa/in', ...OWN]);
  const group = 'oriel.slice/oriel-machines.slice/oriel-m-aaaaaaaaaaaa.scope/in';
  const unit = planJailer({ ...plan, layout: { ...layout, systemd: 257 } });
  assert.equal(unit, [...JAILER, '--cgroup-version', '2', '--parent-cgroup', group, ...OWN]);
});

test('a launch is: own mounts, the jail, own groups, then the shim with the jailer', () => {
  const argv = planLaunch(plan);
  assert.match(argv[6]!, /firecracker\/launch\.sh$/);
  assert.equal(argv.slice(0, 6), ['unshare', '--mount', '--propagation', 'slave', '--', 'sh']);
  assert.equal(argv.slice(7, 21), [
    '/run/oriel-stage',
    '/run/oriel-stage/firecracker-v1.16.1-x86_64/m-aaaaaaaaaaaa/root',
    '1879048192',
    `${RUN_DIR}/launch.log`,
    '/run/oriel/templates/overlay-4096.ext4',
    `${RUN_DIR}/vmm`,
    ...plan.groups,
    '--',
    ...plan.files.flat(),
    '--',
  ]);
  assert.is(argv[21], 'conmon');
  const words = argv.filter((word) => word.startsWith('--runtime-arg=')).map((word) => word.slice('--runtime-arg='.length));
  assert.match(words[0]!, /vm\/run\.sh$/);
  assert.equal(words.slice(1), [...JAILER, ...OWN, '--']);
});

test('nothing of the machine’s config is on an argv, which every user of the host can read', () => {
  assert.not.match(planLaunch(plan).join(' '), 'CANARY');
});

test('a jail is named as the jailer names it: after the file, below its base', () => {
  assert.is(toJailRoot('/run/oriel-stage', plan.programs, 'm-a'), '/run/oriel-stage/firecracker-v1.16.1-x86_64/m-a/root');
});

test('the host finds what Firecracker talks through in the machine’s own directory, within the length of a socket’s name', () => {
  assert.equal(toTalkPaths(RUN_DIR), {
    socket: `${RUN_DIR}/vmm/api.sock`,
    log: `${RUN_DIR}/vmm/log.fifo`,
    metrics: `${RUN_DIR}/vmm/metrics.fifo`,
  });
  assert.ok(toTalkPaths(RUN_DIR).socket.length < 108);
});

test('a machine’s processes may use the guest’s memory, tables of it, and what Firecracker needs', () => {
  assert.equal(toVmmLimits(spec), { memoryMib: 2048 + 8 + 96, cpus: 2, pids: 64 });
});

test.run();
