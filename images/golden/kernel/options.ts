/** An option of the guest kernel that is asked for by name. What is not here has the value that `make tinyconfig` and its dependants give it. */
export interface KernelOption {
  /** Without CONFIG_. */
  name: string;
  /** y unless said; strings with their quotes. */
  value?: string;
  why: string;
}

const all = (why: string, ...names: string[]): KernelOption[] => names.map((name) => ({ name, why }));
const off = (why: string, ...names: string[]): KernelOption[] => names.map((name) => ({ name, value: 'n', why }));

export const KERNEL_OPTIONS: readonly KernelOption[] = [
  // The machine
  ...all('the architecture', '64BIT'),
  ...all('more than one processor', 'SMP'),
  ...all('options below hide behind it', 'EXPERT'),
  ...all('runs under KVM: paravirtual clock, spin locks, stolen time', 'HYPERVISOR_GUEST', 'PARAVIRT', 'KVM_GUEST', 'PARAVIRT_CLOCK'),
  ...all('Firecracker and QEMU load vmlinux by this entry', 'PVH'),
  ...all('devices are found by ACPI, under Firecracker and QEMU alike', 'ACPI'),
  ...all('ACPI on x86 does not start without it', 'PCI'),
  ...all('PM timer and power button of ACPI: an orderly end', 'ACPI_BUTTON'),
  ...all('where ACPI is off, QEMU tells its devices on the kernel line', 'VIRTIO_MMIO_CMDLINE_DEVICES'),
  ...all('where ACPI is off, processors are listed in this table', 'X86_MPPARSE'),
  ...all('addresses are random, within the kernel too', 'RELOCATABLE', 'RANDOMIZE_BASE'),
  ...all('timers of better than 4 ms, and none in an idle processor', 'HIGH_RES_TIMERS', 'NO_HZ_IDLE'),
  ...all('a desktop: waits are short, work is not torn', 'PREEMPT_VOLUNTARY', 'HZ_250'),
  ...all('the wall clock at boot', 'RTC_CLASS', 'RTC_DRV_CMOS'),
  ...all('the host clock as a device: programs can follow it after a pause', 'PTP_1588_CLOCK', 'PTP_1588_CLOCK_KVM'),
  ...all('large pages for large heaps', 'TRANSPARENT_HUGEPAGE'),
  ...all('Chromium and V8 are measured by the same limits as on a server', 'MULTIUSER'),

  // Virtio
  ...all('the family, and its transport', 'VIRTIO_MENU', 'VIRTIO_MMIO'),
  ...all('disks', 'BLOCK', 'BLK_DEV', 'VIRTIO_BLK'),
  ...all('network', 'NET', 'NETDEVICES', 'NET_CORE', 'VIRTIO_NET'),
  ...all('randomness from the host at once', 'HW_RANDOM', 'HW_RANDOM_VIRTIO'),
  ...all('memory that is not used goes back to the host', 'VIRTIO_BALLOON'),

  // Console
  ...all('words of the kernel', 'PRINTK', 'BUG', 'TTY'),
  ...all('the serial console, found by ACPI as PNP0501', 'PNP', 'SERIAL_8250', 'SERIAL_8250_PNP', 'SERIAL_8250_CONSOLE'),
  ...all('terminals', 'UNIX98_PTYS'),

  // Root
  ...all('the image', 'MISC_FILESYSTEMS', 'EROFS_FS', 'EROFS_FS_ZIP', 'EROFS_FS_XATTR', 'EROFS_FS_POSIX_ACL', 'EROFS_FS_SECURITY'),
  ...all('the image is what its root hash says, block by block, without an initrd', 'MD', 'BLK_DEV_DM', 'DM_VERITY', 'DM_INIT'),
  ...all('the hash of verity, with the processor’s instructions for it', 'CRYPTO_SHA256', 'CRYPTO_SHA256_SSSE3'),
  ...all('what the clone writes lies over the image', 'OVERLAY_FS'),
  ...all('the disk that it is written to', 'EXT4_FS', 'EXT4_USE_FOR_EXT2', 'EXT4_FS_POSIX_ACL', 'EXT4_FS_SECURITY'),
  ...all('/run, /tmp, /dev/shm and memory that has no name', 'SHMEM', 'TMPFS', 'TMPFS_XATTR', 'TMPFS_POSIX_ACL'),
  ...all('/dev', 'DEVTMPFS', 'DEVTMPFS_MOUNT'),
  ...all('/proc and /sys', 'PROC_FS', 'PROC_SYSCTL', 'PROC_CHILDREN', 'SYSFS'),

  // Programs
  ...all('programs and scripts', 'BINFMT_ELF', 'BINFMT_SCRIPT'),
  ...all('what glibc, Node and Chromium wait with', 'FUTEX', 'EPOLL', 'SIGNALFD', 'TIMERFD', 'EVENTFD', 'POSIX_TIMERS'),
  ...all('asynchronous files: Node and Chromium', 'AIO', 'IO_URING'),
  ...all('watches: s6, the agent, GLib', 'INOTIFY_USER', 'FANOTIFY', 'DNOTIFY', 'FHANDLE'),
  ...all('dconf, xfconf, SQLite and the profile of Chromium lock files', 'FILE_LOCKING'),
  ...all('memory: V8, glibc', 'ADVISE_SYSCALLS', 'MEMBARRIER', 'RSEQ'),
  ...all('the MIT-SHM extension of X, and message queues', 'SYSVIPC', 'POSIX_MQUEUE'),
  ...all('Mesa compares file descriptors', 'KCMP'),
  ...all('where a program died', 'COREDUMP'),

  // Sandboxes
  ...all('the sandbox of Chromium', 'NAMESPACES', 'UTS_NS', 'IPC_NS', 'USER_NS', 'PID_NS', 'NET_NS', 'SECCOMP', 'SECCOMP_FILTER'),
  ...all('limits for what runs inside', 'CGROUPS', 'MEMCG', 'CGROUP_PIDS', 'CGROUP_SCHED', 'FAIR_GROUP_SCHED', 'CGROUP_DEVICE'),
  ...all('device rules of cgroup 2 are BPF', 'BPF_SYSCALL', 'CGROUP_BPF'),

  // Network
  ...all('IPv4, with an address from the kernel line', 'INET', 'IP_PNP'),
  ...all('Unix and raw sockets', 'UNIX', 'PACKET'),
  ...all('`ss`', 'INET_DIAG', 'UNIX_DIAG'),
  ...all('sandboxes of programs have walls of their own', 'NETFILTER'),

  // Input
  ...all('devices that a program makes: keyboards and pads for those that read no X', 'INPUT', 'INPUT_EVDEV', 'INPUT_MISC', 'INPUT_UINPUT'),

  // The file
  ...all('unpacks fastest', 'KERNEL_LZ4'),
  { name: 'LOCALVERSION', value: '"-oriel"', why: '`uname -r` says whose it is' },

  // Left out
  ...off('the kernel takes no code after it was built', 'MODULES'),
  ...off('no initrd', 'BLK_DEV_INITRD'),
  ...off('the clone has no IPv6: what is not there cannot leak', 'IPV6'),
  ...off('no disk to swap to', 'SWAP'),
  ...off('git’s state does not belong in a name', 'LOCALVERSION_AUTO'),
  ...off('nobody but the host looks at it from outside', 'VSOCKETS'),
];

/** The fragment as kconfig reads it. */
export function toFragment(options: readonly KernelOption[] = KERNEL_OPTIONS): string {
  return options.map(({ name, value = 'y' }) => (value === 'n' ? `# CONFIG_${name} is not set\n` : `CONFIG_${name}=${value}\n`)).join('');
}
