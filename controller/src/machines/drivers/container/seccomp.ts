/**
 * System calls that a desktop never makes and that have let programs out of containers before. Everything else is
 * allowed: Chromium's own sandbox, which is the stronger one for web pages, needs clone and unshare with CLONE_NEWUSER
 * and chroot, so the usual allow-lists of container engines do not fit (they refuse those without CAP_SYS_ADMIN).
 */
// prettier-ignore
const REFUSED: Record<string, string[]> = {
  'kernel and hardware': [
    'acct', 'delete_module', 'finit_module', 'init_module', 'ioperm', 'iopl', 'kexec_file_load', 'kexec_load', 'quotactl', 'quotactl_fd', 'reboot',
    'swapoff', 'swapon', 'syslog', 'vhangup',
  ],
  clock: ['adjtimex', 'clock_adjtime', 'clock_settime', 'settimeofday', 'stime'],
  'tracing and programs in the kernel': ['bpf', 'fanotify_init', 'lookup_dcookie', 'perf_event_open', 'userfaultfd'],
  'mounts, also in a user namespace of its own': [
    'fsconfig', 'fsmount', 'fsopen', 'fspick', 'mount', 'mount_setattr', 'move_mount', 'open_tree', 'pivot_root', 'umount', 'umount2',
  ],
  'keys and handles, which know no namespace': ['add_key', 'keyctl', 'open_by_handle_at', 'request_key'],
  'memory of other nodes': ['migrate_pages', 'move_pages'],
};

/** Refused as if the kernel did not know them, so that programs fall back. */
const UNKNOWN = ['io_uring_enter', 'io_uring_register', 'io_uring_setup'];

/** Socket families whose kernel code a guest has no use for: Netlink to netfilter is the one most often broken out by. */
const AF_NETLINK = 16;
const NETLINK_NETFILTER = 12;
const REFUSED_FAMILIES = { AF_PACKET: 17, AF_RDS: 21, AF_TIPC: 30, AF_ALG: 38, AF_VSOCK: 40, AF_XDP: 44 };

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

export interface SeccompRule {
  names: string[];
  action: 'SCMP_ACT_ERRNO';
  errnoRet: number;
  args?: { index: number; value: number; op: 'SCMP_CMP_EQ' }[];
}

/** The `linux.seccomp` part of an OCI config. */
export function toSeccomp(): { defaultAction: 'SCMP_ACT_ALLOW'; architectures: string[]; syscalls: SeccompRule[] } {
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    // A process that calls in another way (32-bit, x32) is killed: its call numbers would slip through these rules.
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [
      refuse(Object.values(REFUSED).flat(), EPERM),
      refuse(UNKNOWN, ENOSYS),
      ...Object.values(REFUSED_FAMILIES).map((family) => refuse(['socket'], EAFNOSUPPORT, [[0, family]])),
      refuse(['socket'], EAFNOSUPPORT, [
        [0, AF_NETLINK],
        [2, NETLINK_NETFILTER],
      ]),
    ],
  };
}

function refuse(names: string[], errnoRet: number, args?: [index: number, value: number][]): SeccompRule {
  const rule = { names, action: 'SCMP_ACT_ERRNO', errnoRet } as const;
  return args ? { ...rule, args: args.map(([index, value]) => ({ index, value, op: 'SCMP_CMP_EQ' })) } : rule;
}
