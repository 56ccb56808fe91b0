import { readFileSync } from 'node:fs';
import type { ServerImage } from './image.ts';
import { SERVER_NETWORK } from './network.ts';

export interface QemuPlan {
  image: ServerImage;
  disks?: readonly string[];
  memoryMib?: number;
  cpus?: number;
  /** Who may come in as root. */
  publicKey: string;
  /** File that the console is written to. */
  console: string;
}

/** As the QEMU driver has it: all that there is to emulate but wide vectors, which are slower than none. */
const TCG = ['-accel', 'tcg,thread=multi,tb-size=512', '-cpu', 'max,-avx,-avx2,-f16c,-fma'];

/** argv of a server: an ordinary PC, emulated. Its first disk is the image, with a layer over it that nobody keeps. */
export function planQemu({ image, disks = [], memoryMib = 4096, cpus = 2, publicKey, console }: QemuPlan): string[] {
  return [
    'qemu-system-x86_64',
    ...['-M', 'q35', ...TCG, '-smp', String(cpus), '-m', String(memoryMib)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-serial', `file:${console}`],
    ...['-kernel', image.kernel, '-initrd', image.initrd, '-append', toKernelLine(publicKey)],
    ...['-drive', `file=${image.disk},format=raw,if=virtio,snapshot=on,cache=unsafe`],
    ...disks.flatMap((disk) => ['-drive', `file=${disk},format=raw,if=virtio,readonly=on,file.locking=off`]),
    ...['-netdev', `tap,id=wan,ifname=${SERVER_NETWORK.tap},script=no,downscript=no`],
    ...['-device', `virtio-net-pci,netdev=wan,mac=${SERVER_NETWORK.mac}`],
    ...['-device', 'virtio-rng-pci'],
  ];
}

/** systemd itself puts a credential of this name where sshd looks for it. */
function toKernelLine(publicKey: string): string {
  const key = Buffer.from(publicKey).toString('base64');
  return [
    'root=/dev/vda rw console=ttyS0 panic=-1 loglevel=4',
    // Emulated, its defences against a processor's faults only cost time.
    `mitigations=off tsc_early_khz=${readClockKhz()}`,
    // Machines in an emulated machine are slower than any limit: it is a server whose processor has no virtualization.
    'modprobe.blacklist=kvm_amd',
    `systemd.set_credential_binary=ssh.authorized_keys.root:${key}`,
  ].join(' ');
}

/** TCG's time stamp counter is the host's. On a busy host the kernel fails to measure it: it is told. */
function readClockKhz(): number {
  return Math.round(Number(/^cpu MHz\s*: ([\d.]+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 2000) * 1000);
}

/** ssh with a key and nothing of the user's own; all commands share one connection, as each one's beginning takes a second here. */
export function planSsh(key: string, socket: string): string[] {
  const options = {
    IdentitiesOnly: 'yes',
    BatchMode: 'yes',
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
    LogLevel: 'ERROR',
    ControlPath: socket,
    ConnectTimeout: '20',
  };
  return ['ssh', '-F', 'none', '-i', key, ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}
