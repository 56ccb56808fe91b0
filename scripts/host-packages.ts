/** What a host needs beyond Node and root: a program, the Debian and Ubuntu package that brings it, and what for. */
export interface HostPackage {
  program: string;
  package: string;
  why: string;
  /** Not on every distribution under this name: then only the tests lack it. */
  testsOnly?: true;
  /** Brings a server that a system with systemd starts by itself: it is not installed there, and tests without it are skipped. */
  startsServer?: true;
}

export const HOST_PACKAGES: readonly HostPackage[] = [
  { program: 'mmdebstrap', package: 'mmdebstrap', why: 'makes the root filesystem from the locked packages' },
  { program: 'dpkg-deb', package: 'dpkg', why: 'reads the locked packages' },
  {
    program: '/usr/share/keyrings/debian-archive-keyring.gpg',
    package: 'debian-archive-keyring',
    why: "Debian's signature chain, for the lock",
  },
  { program: 'crun', package: 'crun', why: 'runs clones in the container driver' },
  { program: 'conmon', package: 'conmon', why: "keeps a clone's console and exit status when the controller is away" },
  { program: 'nft', package: 'nftables', why: "each clone's wall" },
  { program: 'ip', package: 'iproute2', why: 'network namespaces' },
  { program: 'unshare', package: 'util-linux', why: 'mount namespaces' },
  { program: 'setpriv', package: 'util-linux', why: 'takes every right from a VMM' },
  { program: 'mkfs.ext4', package: 'e2fsprogs', why: 'the empty disk that a virtual machine writes to' },
  { program: 'mount', package: 'mount', why: 'the image and the overlays' },
  { program: 'modprobe', package: 'kmod', why: 'EROFS and overlay, where the kernel has them as modules' },
  { program: 'ps', package: 'procps', why: 'the census of what is left over' },
  { program: 'mkfs.erofs', package: 'erofs-utils', why: 'tiny images for the tests of the container driver', testsOnly: true },
  { program: 'qemu-system-x86_64', package: 'qemu-system-x86', why: 'the QEMU driver, and boots the image in tests', testsOnly: true },
  { program: 'ssh', package: 'openssh-client', why: 'the way into a throw-away server of the tests', testsOnly: true },
  {
    program: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
    package: 'libfaketime',
    why: 'another clock for one of two builds that must be the same',
    testsOnly: true,
  },
  { program: 'promtool', package: 'prometheus', why: 'checks metrics and alert rules in tests', testsOnly: true, startsServer: true },
  { program: 'caddy', package: 'caddy', why: 'checks the edge’s configuration in tests', testsOnly: true, startsServer: true },
  { program: 'turnserver', package: 'coturn', why: 'the TURN server of the end-to-end tests', testsOnly: true, startsServer: true },
  { program: 'certutil', package: 'libnss3-tools', why: 'has the browser of a test believe an authority of the test', testsOnly: true },
  { program: 'openssl', package: 'openssl', why: 'certificates of tests', testsOnly: true },
  { program: 'nix', package: 'nix-bin', why: 'evaluates the flake in tests', testsOnly: true },
  { program: 'chromium', package: 'chromium', why: 'the browser of the end-to-end tests and of the benches', testsOnly: true },
];
