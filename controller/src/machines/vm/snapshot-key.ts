import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MachineSpec } from '../driver.ts';
import type { VmContext } from './context.ts';

/**
 * Name of what the memory of a virtual machine depends on. `own`: what else its VMM depends on, and which one it is. Of this boot of the
 * host alone: then its kernel is the same, and no file is half on disk.
 */
export async function toVmSnapshotKey(
  { kernelArgs, stage }: Pick<VmContext, 'kernelArgs' | 'stage'>,
  { image, kernel, configArg, hostname, limits: { cpus, memoryMib }, diskMib }: MachineSpec,
  own: Readonly<Record<string, unknown>>,
): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const machine = { image: image.id, kernel: kernel?.id, configArg, hostname, cpus, memoryMib, diskMib, kernelArgs, stage, boot };
  return createHash('sha256')
    .update(JSON.stringify({ ...machine, own }))
    .digest('hex');
}
