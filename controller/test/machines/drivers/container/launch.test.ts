import { suite, assert } from '#test/suite';
import type { MachineSpec } from '../../../../src/machines/driver.ts';
import { planLaunch } from '../../../../src/machines/drivers/container/launch.ts';
import { toPid } from '../../../../src/machines/shim/launch.ts';
import { planCrun, type Runtime } from '../../../../src/machines/drivers/container/runtime.ts';

const test = suite('container: launch');
const spec: MachineSpec = {
  machineId: 'm-aaaaaaaaaaaa',
  runDir: '/var/lib/oriel/machines/m-aaaaaaaaaaaa',
  image: { id: 'f00d', rootfs: '/var/lib/oriel/images/f00d/rootfs.erofs' },
  configArg: 'oriel.config=e30',
  hostname: 'desktop',
  netns: '/run/netns/oriel-g0',
  hostUser: 0x70000000,
  limits: { memoryMib: 3071, cpus: 2, pids: 1024 },
  diskMib: 4096,
  console: { path: '/var/lib/oriel/machines/m-aaaaaaaaaaaa/console.log', maxBytes: 1048576 },
};
const plain: Runtime = {
  instance: 'oriel',
  crun: '/usr/bin/crun',
  stateDir: '/run/oriel/crun',
  layout: { version: 2, unified: '/sys/fs/cgroup', v1: {} },
};
const hybrid: Runtime = { ...plain, layout: { version: 1, unified: '/sys/fs/cgroup/unified', v1: {} } };
const DETOUR = ['sh', '-ec', 'umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"', 'sh'];
const SHIM = [
  'conmon',
  '--api-version=1',
  '--cid=m-aaaaaaaaaaaa',
  '--cuuid=m-aaaaaaaaaaaa',
  '--name=m-aaaaaaaaaaaa',
  '--runtime=/usr/bin/crun',
  '--runtime-arg=--root=/run/oriel/crun',
  '--runtime-arg=--cgroup-manager=disabled',
  '--bundle=/var/lib/oriel/machines/m-aaaaaaaaaaaa/bundle',
  '--full-attach',
  '--container-pidfile=/var/lib/oriel/machines/m-aaaaaaaaaaaa/bundle/pid',
  '--exit-dir=/var/lib/oriel/machines/m-aaaaaaaaaaaa/exit',
  '--log-path=k8s-file:/var/lib/oriel/machines/m-aaaaaaaaaaaa/console.log',
  '--log-size-max=1048576',
  '--log-level=warning',
];

test('a launch is: own mounts, own groups, then the shim', () => {
  const argv = planLaunch(spec, { root: '/run/oriel/images/f00d/plain', canShift: true }, ['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa'], plain);
  assert.match(argv[6]!, /\/launch\.sh$/);
  assert.equal(argv.toSpliced(6, 1), [
    ...['unshare', '--mount', '--propagation', 'slave', '--', 'sh'],
    ...['/run/oriel-stage', '/run/oriel/images/f00d/plain', '1895825408', '1536', '/run/netns/oriel-g0'],
    '/var/lib/oriel/machines/m-aaaaaaaaaaaa/launch.log',
    ...['/sys/fs/cgroup/oriel/m-aaaaaaaaaaaa', '--'],
    ...SHIM,
  ]);
});

test('on a hybrid host the shim and crun are shown a plain v2 tree', () => {
  const argv = planLaunch(spec, { root: '/run/oriel/images/f00d/plain', canShift: true }, ['/a', '/b'], hybrid);
  assert.equal(argv.slice(argv.indexOf('/a')), ['/a', '/b', '--', ...DETOUR, ...SHIM]);
  const crun = ['/usr/bin/crun', '--root=/run/oriel/crun', '--cgroup-manager=disabled', 'start', 'm-aaaaaaaaaaaa'];
  assert.equal(planCrun(hybrid, 'start', 'm-aaaaaaaaaaaa'), ['unshare', '--mount', '--propagation', 'slave', '--', ...DETOUR, ...crun]);
  assert.equal(planCrun(plain, 'start', 'm-aaaaaaaaaaaa'), crun);
});

test('without a user namespace what is written belongs to root', () => {
  const argv = planLaunch(spec, { root: '/run/oriel/images/f00d/plain', canShift: false }, [], plain);
  assert.equal(argv.slice(8, 10), ['/run/oriel/images/f00d/plain', '0']);
});

test("the shim's report is a pid, or none", () => {
  assert.is(toPid('{"data": 4711}\n'), 4711);
  assert.is(toPid('{"data": -1, "message": "no such file"}\n'), undefined);
  assert.is(toPid(''), undefined);
  assert.is(toPid('{"data": '), undefined);
});

test.run();
