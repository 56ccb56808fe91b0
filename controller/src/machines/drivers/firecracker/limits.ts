import type { MachineSpec } from '../../driver.ts';

/** Firecracker itself takes 5 MiB; beside it are the copy of it in the jail, page tables of the guest's memory, the shim. */
const VMM_MIB = 96;
/** Processors (32 at most), the VMM's own threads, the shim and the scripts that start it. */
const VMM_THREADS = 64;

/** What the processes of a machine may use in all: the guest's memory, and what Firecracker needs beside it. */
export function toVmmLimits({ limits }: MachineSpec): MachineSpec['limits'] {
  const tables = Math.ceil(limits.memoryMib / 256);
  return { ...limits, memoryMib: limits.memoryMib + tables + VMM_MIB, pids: VMM_THREADS };
}
