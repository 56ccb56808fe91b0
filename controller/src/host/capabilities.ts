/**
 * What the controller keeps of root's rights, and what for. Everything that it starts has these at most; what they are not needed for
 * (QEMU, Firecracker, what is in a container, the egress process) gives them up, too. Checked on every process in
 * controller/test/process/least.root.test.ts and test/e2e/auth.e2e.test.ts.
 */
export const KEPT: Readonly<Record<string, string>> = {
  sys_admin: 'namespaces; mounts (the image, overlays, idmapped); control groups',
  net_admin: 'interfaces, routes and firewall tables of clones',
  sys_chroot: 'entering a mount namespace; Firecracker’s jail',
  sys_ptrace: 'looking at machines’ processes in /proc: they are other users’',
  sys_resource: 'the shim’s place in the order of who is killed for want of memory; limits of open files',
  setuid: 'becoming the users of machines and of the egress process',
  setgid: 'the same',
  setpcap: 'giving up these rights, in crun and setpriv',
  setfcap: 'a user namespace whose root is this one’s, where a host has no ids to map',
  chown: 'files of machines’ users',
  fowner: 'the same',
  fsetid: 'the same',
  dac_override: 'the same',
  kill: 'ending machines, which are other users’ processes',
  mknod: 'devices that one machine may open (/dev/kvm, /dev/net/tun), for its user alone',
  net_bind_service: 'ORIEL_PORT below 1024',
};

/** Linux's names by number: include/uapi/linux/capability.h. */
const NAMES = [
  ...['chown', 'dac_override', 'dac_read_search', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap', 'linux_immutable'],
  ...['net_bind_service', 'net_broadcast', 'net_admin', 'net_raw', 'ipc_lock', 'ipc_owner', 'sys_module', 'sys_rawio', 'sys_chroot'],
  ...['sys_ptrace', 'sys_pacct', 'sys_admin', 'sys_boot', 'sys_nice', 'sys_resource', 'sys_time', 'sys_tty_config', 'mknod', 'lease'],
  ...['audit_write', 'audit_control', 'setfcap', 'mac_override', 'mac_admin', 'syslog', 'wake_alarm', 'block_suspend', 'audit_read'],
  ...['perfmon', 'bpf', 'checkpoint_restore'],
];

/** Those in a set as /proc/PID/status has it, hex. What is newer than the list is `cap_N`, as setpriv calls it. */
export function parseCapabilities(hex: string): string[] {
  const bits = BigInt(`0x${hex}`);
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => (bits >> BigInt(bit)) & 1n)
    .map((bit) => NAMES[bit] ?? `cap_${bit}`);
}

/** Those of a set that the controller has no use for. */
export function toDropped(hex: string): string[] {
  return parseCapabilities(hex).filter((name) => !Object.hasOwn(KEPT, name));
}
