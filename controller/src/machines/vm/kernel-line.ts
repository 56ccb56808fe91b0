import { GUEST_NETWORK } from '#contract/network';
import { CONFIG_WORD, GATE_WORD } from '#contract/machine-config';

export type Vmm = 'qemu' | 'firecracker';

/** All that one kernel line is made of. */
export interface KernelLineParts {
  vmm: Vmm;
  /** Words that make the image the root, from its manifest. */
  rootArgs: string;
  hostname: string;
  /** `oriel.config=…` or `oriel.gate=…` */
  configArg: string;
  /** More words, as the operator wants them (ORIEL_KERNEL_ARGS). */
  extra: readonly string[];
  /** What the processor's clock runs at, kHz, where the kernel cannot measure it. */
  tscKhz?: number;
}

/** x86 kernels and Firecracker (CMDLINE_MAX_SIZE) alike hold 2,048 bytes, the NUL at the end among them. */
export const KERNEL_LINE_MAX_BYTES = 2047;

/** ` virtio_mmio.device=4K@0xc0001000:5`: base addresses have 8 digits, the first interrupt is 5, so one digit while devices are five. */
const FIRECRACKER_DEVICE_BYTES = 35;

/**
 * Most bytes that the VMM adds. Firecracker 1.16: ` pci=off`, and for each of our 5 devices a word (with ACPI, too: it lists devices both
 * ways; src/vmm/src/device_manager/mmio.rs, register_mmio_virtio_for_boot; linux-loader writes `<size>@0x<hex>:<irq>`). No `root=`, as no
 * drive of ours is marked as root. QEMU's microvm with ACPI adds nothing, but may turn to the same words, which are longer there.
 */
export const VMM_WORDS_BYTES: Record<Vmm, number> = { firecracker: 8 + 5 * FIRECRACKER_DEVICE_BYTES, qemu: 5 * 41 };

/** A kernel line that cannot be; `message` names the word that is to blame. */
export class KernelLineInvalid extends Error {
  override readonly name = 'KernelLineInvalid';
  readonly code = 'kernel_line_invalid';
}

/** Names that decide what is booted and how it is told about itself. A name that ends with a dot is all below it. */
const RESERVED = [
  ...['console', 'root', 'rootfstype', 'rootflags', 'rootwait', 'rootdelay', 'ro', 'rw', 'init', 'rdinit', 'initrd', 'ip', 'nfsroot'],
  ...['panic', 'reboot', 'pci', 'quiet', 'loglevel', 'earlycon', 'earlyprintk', 'tsc_early_khz', 'memmap', 'mem', 'acpi', 'hostname'],
  // The kernel would write the line itself on the console, with the machine's token on it.
  ...['debug', 'ignore_loglevel', 'printk.ignore_loglevel'],
  // init's environment: it takes the machine for a container.
  'container',
  ...['oriel.', 'dm_mod.', 'dm_verity.', 'random.', 'virtio_mmio.', '8250.', '8250_core.', 'i8042.'],
];

const VALUES: Record<string, RegExp> = { [CONFIG_WORD]: /^[\w-]+$/, [GATE_WORD]: /^\d+x\d+$/ };

/** The kernel line of a virtual machine, as it is handed to the VMM. Throws KernelLineInvalid. */
export function toKernelLine(parts: KernelLineParts): string {
  const wrong = [...parts.extra.flatMap(findProblem), ...findBreakOut(parts)];
  if (wrong.length > 0) throw new KernelLineInvalid(`kernel line: ${wrong.join('; ')}`);
  const line = toWords(parts).join(' ');
  const room = KERNEL_LINE_MAX_BYTES - VMM_WORDS_BYTES[parts.vmm];
  if (Buffer.byteLength(line) > room) throw new KernelLineInvalid(explainLength(parts, line, room));
  return line;
}

/** Why a word of the operator's cannot be on the line; empty when it can. */
export function findProblem(word: string): string[] {
  // A dash in front: after `--` the kernel reads no word of ours any more.
  if (!/^\w[\w.-]*(=[\w.,:/@+-]*)?$/.test(word))
    return [`${JSON.stringify(word)} is no word: NAME or NAME=VALUE of A-Z a-z 0-9 _ . , : / @ + -`];
  // As the kernel compares them: a dash is an underscore.
  const name = word.split('=')[0]!.replaceAll('-', '_');
  const isReserved = RESERVED.some((reserved) => (reserved.endsWith('.') ? name.startsWith(reserved) : name === reserved));
  return isReserved ? [`${word.split('=')[0]} is set by Oriel itself`] : [];
}

function toWords({ vmm, rootArgs, hostname, configArg, extra, tscKhz }: KernelLineParts): string[] {
  const { address, gateway, netmask } = GUEST_NETWORK;
  return [
    // The serial port: what is on it is the machine's console.
    'console=ttyS0',
    // Warnings and worse; the rest costs time on a slow port.
    'loglevel=4',
    // A kernel that panics resets at once, which ends the VMM: by a triple fault, or by the keyboard controller that Firecracker has.
    'panic=-1',
    vmm === 'qemu' ? 'reboot=t' : 'reboot=k',
    // What is not there is not waited for: a mouse port, the keyboard's other half.
    ...(vmm === 'firecracker' ? ['i8042.noaux', 'i8042.nomux', 'i8042.dumbkbd'] : []),
    // One serial port is all that there is.
    '8250.nr_uarts=1',
    // The processor's own random numbers count: nobody waits for the first ones.
    'random.trust_cpu=on',
    // Under emulation on a busy host the kernel fails to measure it, and waits for ever.
    ...(tscKhz === undefined ? [] : [`tsc_early_khz=${tscKhz}`]),
    // The address before init starts: client::gateway:netmask:hostname:device:off.
    `ip=${address}::${gateway}:${netmask}:${hostname}:eth0:off`,
    ...extra,
    // The root: the image, each block checked against its root hash.
    rootArgs,
    'init=/usr/sbin/oriel-init',
    configArg,
  ];
}

/** Values of our own that would begin another word. The root's quotes are its own. */
function findBreakOut({ hostname, configArg }: KernelLineParts): string[] {
  return [
    ...(/^[a-z0-9-]+$/.test(hostname) ? [] : ['hostname: letters, digits and dashes only']),
    ...(isConfig(configArg) ? [] : [`${CONFIG_WORD}: base64url only`]),
  ];
}

function isConfig(word: string): boolean {
  const [name, value = ''] = word.split('=');
  return VALUES[name!]?.test(value) ?? false;
}

function explainLength({ vmm, configArg, extra, rootArgs }: KernelLineParts, line: string, room: number): string {
  const sizes = { [CONFIG_WORD]: configArg.length, ORIEL_KERNEL_ARGS: extra.join(' ').length, "the image's root": rootArgs.length };
  const [blamed, bytes] = Object.entries(sizes).sort(([, a], [, b]) => b - a)[0]!;
  const has = `${Buffer.byteLength(line)} bytes, ${room} fit (${KERNEL_LINE_MAX_BYTES}, less ${VMM_WORDS_BYTES[vmm]} for the words of ${vmm})`;
  return `kernel line: ${has}; ${blamed} has most of them, ${bytes}`;
}
