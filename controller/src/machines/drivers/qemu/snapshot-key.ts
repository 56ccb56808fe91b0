import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { MachineSpec } from '../../driver.ts';
import type { Context } from './context.ts';

/** What the memory of a machine depends on. Of this boot of the host alone: then its kernel and processor are the same, and no file is half on disk. */
export async function toSnapshotKey({ accelerator, kernelArgs, stage, version: readVersion }: Context, spec: MachineSpec): Promise<string> {
  const { image, kernel, configArg, hostname, limits, diskMib } = spec;
  const version = await readVersion();
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const { cpus, memoryMib } = limits;
  const parts = {
    image: image.id,
    kernel: kernel?.id,
    configArg,
    hostname,
    cpus,
    memoryMib,
    diskMib,
    accelerator,
    kernelArgs,
    stage,
    version,
    boot,
  };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
