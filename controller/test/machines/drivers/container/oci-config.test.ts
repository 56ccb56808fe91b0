import { suite, assert } from '#test/suite';
import { planOciConfig } from '../../../../src/machines/drivers/container/oci-config.ts';
import { toSeccomp } from '../../../../src/machines/drivers/container/seccomp.ts';

const test = suite('container: OCI config');
const spec = {
  configArg: 'oriel.config=e30',
  hostname: 'desktop',
  netns: '/run/netns/oriel-g0',
  limits: { memoryMib: 3072, cpus: 2, pids: 1024 },
};
const options = { root: '/run/oriel-stage/root', sys: '/run/oriel-stage/sys', firstHostId: 100000, maxOpenFiles: 20000 };
const CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_SETUID', 'CAP_SETGID', 'CAP_KILL'];

test('the whole config, word for word', () => {
  const { seccomp, ...linux } = planOciConfig(spec, options).linux;
  assert.equal(seccomp, toSeccomp());
  assert.equal(
    { ...planOciConfig(spec, options), linux },
    {
      ociVersion: '1.0.2',
      hostname: 'desktop',
      process: {
        terminal: false,
        user: { uid: 0, gid: 0 },
        args: ['/usr/sbin/oriel-init', 'oriel.config=e30'],
        env: ['PATH=/usr/sbin:/usr/bin', 'container=oriel'],
        cwd: '/',
        noNewPrivileges: true,
        capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
        rlimits: [
          { type: 'RLIMIT_NOFILE', soft: 20000, hard: 20000 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
        ],
        oomScoreAdj: 0,
      },
      root: { path: '/run/oriel-stage/root', readonly: false },
      mounts: [
        { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
        { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'] },
        {
          destination: '/dev/pts',
          type: 'devpts',
          source: 'devpts',
          options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
        },
        { destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'noexec', 'mode=1777', 'size=3072m'] },
        { destination: '/run', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=755', 'size=64m'] },
        { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'nodev', 'mode=1777', 'size=1536m'] },
        { destination: '/sys', type: 'none', source: '/run/oriel-stage/sys', options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'] },
      ],
      linux: {
        namespaces: [
          { type: 'pid' },
          { type: 'ipc' },
          { type: 'uts' },
          { type: 'mount' },
          { type: 'cgroup' },
          { type: 'user' },
          { type: 'network', path: '/run/netns/oriel-g0' },
        ],
        uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
        gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
        maskedPaths: [
          '/proc/acpi',
          '/proc/asound',
          '/proc/kcore',
          '/proc/keys',
          '/proc/latency_stats',
          '/proc/timer_list',
          '/proc/sched_debug',
          '/proc/scsi',
          '/sys/firmware',
          '/sys/devices/virtual/powercap',
        ],
        readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
      },
    },
  );
});

test('without shifted ids there is no user namespace', () => {
  const { linux } = planOciConfig(spec, { ...options, firstHostId: undefined });
  assert.not.ok(linux.namespaces.some(({ type }) => type === 'user'));
  assert.not.ok('uidMappings' in linux);
});

test('more open files than are useful are not asked for', () => {
  assert.equal(planOciConfig(spec, { ...options, maxOpenFiles: 1048576 }).process.rlimits[0], {
    type: 'RLIMIT_NOFILE',
    soft: 65536,
    hard: 65536,
  });
});

test("what Chromium's own sandbox is made with is not refused", () => {
  const refused = toSeccomp().syscalls.flatMap(({ names }) => names);
  for (const name of ['clone', 'clone3', 'unshare', 'setns', 'chroot', 'seccomp', 'prctl', 'ptrace'])
    assert.not.ok(refused.includes(name), name);
  for (const name of ['bpf', 'mount', 'keyctl', 'kexec_load', 'io_uring_setup']) assert.ok(refused.includes(name), name);
});

test.run();
