import { suite, assert } from '#test/suite';
import type { MachineSpec } from '../../../src/machines/driver.ts';
import { planVmLaunch } from '../../../src/machines/vm/launch.ts';
import { KVM, planMounts, TUN } from '../../../src/machines/vm/mounts.ts';

const test = suite('vm: launch');
const RUN_DIR = '/var/lib/oriel/machines/m-aaaaaaaaaaaa';
const spec: MachineSpec = {
  machineId: 'm-aaaaaaaaaaaa',
  runDir: RUN_DIR,
  image: { id: 'f00d', rootfs: '/var/lib/oriel/images/f00d/rootfs.erofs' },
  configArg: 'oriel.config=c2VjcmV0',
  hostname: 'desktop',
  netns: '/run/netns/oriel-g7',
  hostUser: 0x70000007,
  limits: { memoryMib: 2048, cpus: 2, pids: 1024 },
  diskMib: 4096,
  console: { path: `${RUN_DIR}/console.log`, maxBytes: 1048576 },
};

const argv = planVmLaunch({
  spec,
  stage: '/run/oriel-stage',
  template: '/run/oriel/templates/overlay-4096.ext4',
  kernel: '/var/lib/oriel/kernels/beef/bzImage',
  groups: ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa'],
  devices: [TUN, KVM],
  vmm: ['vmm', '-a', 'b c'],
});

const MOUNTS = `${RUN_DIR}/vmm /run/oriel-stage/files none bind,nosuid,nodev,noexec,X-mount.mkdir
/var/lib/oriel/images/f00d/rootfs.erofs /run/oriel-stage/rootfs.erofs none bind,ro
/var/lib/oriel/kernels/beef/bzImage /run/oriel-stage/kernel none bind,ro
/run/oriel-stage/tun /dev/net/tun none bind
/run/oriel-stage/kvm /dev/kvm none bind`;

test('a launch is: own mounts, own groups, own devices, own network, the shim, and the VMM as a user without any rights', () => {
  assert.match(argv[6]!, /\/vm\/launch\.sh$/);
  const run = argv.find((word) => word.endsWith('/vm/run.sh'))!;
  assert.match(run, /^--runtime-arg=\//);
  assert.equal(
    argv.map((word, index) => (index === 6 ? 'LAUNCH' : word === run ? 'RUN' : word)),
    [
      ...['unshare', '--mount', '--propagation', 'slave', '--', 'sh', 'LAUNCH'],
      ...['/run/oriel-stage', '1879048199', '/run/netns/oriel-g7', `${RUN_DIR}/launch.log`, '/run/oriel/templates/overlay-4096.ext4'],
      ...[`${RUN_DIR}/vmm/overlay.ext4`, '8388608', MOUNTS],
      ...['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa', '--', '/dev/net/tun:10:200', '/dev/kvm:10:232', '--'],
      ...[
        'conmon',
        '--api-version=1',
        '--cid=m-aaaaaaaaaaaa',
        '--cuuid=m-aaaaaaaaaaaa',
        '--name=m-aaaaaaaaaaaa',
        '--runtime=/bin/sh',
        'RUN',
      ],
      ...[
        'setpriv',
        '--reuid=1879048199',
        '--regid=1879048199',
        '--clear-groups',
        '--no-new-privs',
        '--inh-caps=-all',
        '--bounding-set=-all',
      ]
        .concat('vmm', '-a', 'b c', '--')
        .map((word) => `--runtime-arg=${word}`),
      ...[`--bundle=${RUN_DIR}/bundle`, '--full-attach', `--container-pidfile=${RUN_DIR}/bundle/pid`, `--exit-dir=${RUN_DIR}/exit`],
      ...[`--log-path=k8s-file:${RUN_DIR}/console.log`, '--log-size-max=1048576', '--log-level=warning'],
    ],
  );
});

test('a path breaks out of no line of the mounts', () => {
  const paths = { stage: '/run/s', files: '/a b', rootfs: '/#x\ty', kernel: '/back\\slash\nnone / none' };
  assert.equal(planMounts({ ...paths, devices: [] }).split('\n'), [
    '/a\\040b /run/s/files none bind,nosuid,nodev,noexec,X-mount.mkdir',
    '/\\043x\\011y /run/s/rootfs.erofs none bind,ro',
    '/back\\134slash\\012none\\040/\\040none /run/s/kernel none bind,ro',
  ]);
});

test('nothing of the config is in it: all users of the host can read it', () => {
  assert.not.match(argv.join('\n'), /c2VjcmV0|oriel\.config/);
});

test.run();
