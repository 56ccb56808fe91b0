import type { MachineSpec } from '../../driver.ts';
import { ID_COUNT } from './host-ids.ts';
import { toSeccomp } from './seccomp.ts';

export interface OciOptions {
  /** The overlay, and a sysfs of the guest's network namespace, as the launch script mounts them. */
  root: string;
  sys: string;
  /** First of the host's ids that stand for the guest's 0 to 65535; without, the guest's root is the host's. */
  firstHostId: number | undefined;
  /** Most open files that this host lets anybody have. */
  maxOpenFiles: number;
}

export const CAPABILITIES = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FOWNER', 'CAP_SETUID', 'CAP_SETGID', 'CAP_KILL'];
const OPEN_FILES = 65_536;

/** config.json for crun (OCI runtime specification 1.0.2). The overlay is mounted by the host: the guest needs no CAP_SYS_ADMIN. */
export function planOciConfig(spec: Pick<MachineSpec, 'configArg' | 'hostname' | 'netns' | 'limits'>, options: OciOptions) {
  const openFiles = Math.min(OPEN_FILES, options.maxOpenFiles);
  return {
    ociVersion: '1.0.2',
    hostname: spec.hostname,
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['/usr/sbin/oriel-init', spec.configArg],
      env: ['PATH=/usr/sbin:/usr/bin', 'container=oriel'],
      cwd: '/',
      noNewPrivileges: true,
      capabilities: { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES },
      rlimits: [
        { type: 'RLIMIT_NOFILE', soft: openFiles, hard: openFiles },
        { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      ],
      // The shim's is -1000: without this the guest could never be killed for want of memory.
      oomScoreAdj: 0,
    },
    root: { path: options.root, readonly: false },
    mounts: planMounts(spec.limits.memoryMib, options.sys),
    linux: {
      namespaces: [
        ...['pid', 'ipc', 'uts', 'mount', 'cgroup', ...(options.firstHostId === undefined ? [] : ['user'])].map((type) => ({ type })),
        { type: 'network', path: spec.netns },
      ],
      ...planIdMappings(options.firstHostId),
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
      seccomp: toSeccomp(),
    },
  };
}

/** What is written to a tmpfs counts as the machine's memory: the group's limit bounds them all together. */
function planMounts(memoryMib: number, sys: string) {
  const tmpfs = (destination: string, ...options: string[]) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'nodev', ...options],
  });
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'nodev', 'noexec'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=64k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    tmpfs('/dev/shm', 'noexec', 'mode=1777', `size=${memoryMib}m`),
    tmpfs('/run', 'mode=755', 'size=64m'),
    tmpfs('/tmp', 'mode=1777', `size=${Math.ceil(memoryMib / 2)}m`),
    { destination: '/sys', type: 'none', source: sys, options: ['bind', 'nosuid', 'noexec', 'nodev', 'ro'] },
  ];
}

function planIdMappings(firstHostId: number | undefined) {
  if (firstHostId === undefined) return {};
  const mappings = [{ containerID: 0, hostID: firstHostId, size: ID_COUNT }];
  return { uidMappings: mappings, gidMappings: mappings };
}
