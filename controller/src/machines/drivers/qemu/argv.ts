import type { MachineSpec } from '../../driver.ts';

export type Accelerator = 'kvm' | 'tcg';

export interface QemuPlan {
  /** Where the VMM sees its files: `kernel`, `rootfs.erofs`, `files/overlay.ext4`. */
  stage: string;
  accelerator: Accelerator;
  cpus: number;
  memoryMib: number;
  /** Ethernet address of the guest. */
  mac: string;
  /** It waits to be sent another machine's memory instead of booting. */
  isCopy: boolean;
}

/** All that there is to emulate but wide vectors: what uses them is slower than what does without (7.2; the terminal is there 2 to 3 s later). */
const TCG_CPU = 'max,-avx,-avx2,-f16c,-fma';

/** Buffer of translated code, MiB: without a bound it takes a quarter of the host's memory. */
export const TCG_BUFFER_MIB = 256;

/**
 * argv of QEMU. It stops before it makes the machine (`-preconfig`) and is told the kernel line by QMP: every user of the host
 * can read an argv, and the line has the machine's token.
 */
export function planQemu({ stage, accelerator, cpus, memoryMib, mac, isCopy }: QemuPlan): string[] {
  return [
    'qemu-system-x86_64',
    '-preconfig',
    // No PCI, no legacy devices; ACPI names what there is, as under Firecracker. A clock for the wall's time. The guest's memory
    // is in no core dump, and is not compared with other guests'.
    ...['-M', 'microvm,acpi=on,rtc=on,isa-serial=on,pcie=off,usb=off,dump-guest-core=off,mem-merge=off'],
    ...(accelerator === 'kvm'
      ? ['-accel', 'kvm', '-cpu', 'host']
      : ['-accel', `tcg,thread=multi,tb-size=${TCG_BUFFER_MIB}`, '-cpu', TCG_CPU]),
    ...['-smp', String(cpus), '-m', String(memoryMib)],
    // Nothing that is not named here, no files of the host's, no screen; a guest that resets ends it.
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    // It cannot start programs, gain rights or change its own limits any more.
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...['-global', 'virtio-mmio.force-legacy=false'],
    ...['-kernel', `${stage}/kernel`],
    // The console: to the shim, which bounds it.
    ...['-chardev', 'stdio,id=console,signal=off', '-serial', 'chardev:console'],
    // vda: the image, one page cache for all clones. vdb: what this clone writes; nothing of it outlives the machine, so nothing is flushed.
    ...['-drive', `id=root,file=${stage}/rootfs.erofs,format=raw,if=none,readonly=on,file.locking=off`],
    ...['-device', 'virtio-blk-device,drive=root'],
    // On a host without space the guest sees an error: by default it would be halted, and nobody is there to wake it.
    '-drive',
    `id=overlay,file=${stage}/files/overlay.ext4,format=raw,if=none,cache=unsafe,discard=unmap,detect-zeroes=unmap,werror=report`,
    ...['-device', 'virtio-blk-device,drive=overlay'],
    ...['-netdev', 'tap,id=net,ifname=tap0,script=no,downscript=no', '-device', `virtio-net-device,netdev=net,mac=${mac}`],
    ...['-object', 'rng-random,id=random,filename=/dev/urandom', '-device', 'virtio-rng-device,rng=random'],
    // Memory that the guest does not use goes back to the host.
    ...['-device', 'virtio-balloon-device,free-page-reporting=on'],
    ...['-qmp', `unix:${stage}/files/qmp.sock,server=on,wait=off`],
    ...(isCopy ? ['-incoming', 'defer'] : []),
  ];
}

/** What the processes of a machine may use in all: the guest's memory, and what QEMU needs beside it. */
export function toVmmLimits({ limits }: MachineSpec, accelerator: Accelerator): MachineSpec['limits'] {
  const beside = VMM_MIB + (accelerator === 'tcg' ? TCG_BUFFER_MIB + TCG_TABLES_MIB : 0);
  return { ...limits, memoryMib: limits.memoryMib + beside, pids: VMM_THREADS + toProcessors(limits.cpus) };
}

/** Processors that the guest has: whole ones, of which its share of time may be less. */
export function toProcessors(cpus: number): number {
  return Math.max(1, Math.ceil(cpus));
}

const VMM_MIB = 160;
/** What the emulator keeps of each block of code. */
const TCG_TABLES_MIB = 256;
/** Beside processors: its main loop, up to 64 workers for disks, the shim. */
const VMM_THREADS = 128;
