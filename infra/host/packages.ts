/** What a host of desktops needs of Debian or Ubuntu: a program, and the package that brings it. */
export const PACKAGES: Readonly<Record<string, string>> = {
  crun: 'crun',
  conmon: 'conmon',
  nft: 'nftables',
  ip: 'iproute2',
  setpriv: 'util-linux',
  mount: 'mount',
  modprobe: 'kmod',
  ps: 'procps',
};

/** And for virtual machines. */
export const VM_PACKAGES: Readonly<Record<string, string>> = { 'qemu-system-x86_64': 'qemu-system-x86', 'mkfs.ext4': 'e2fsprogs' };
