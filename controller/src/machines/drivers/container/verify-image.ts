import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { MachineImage } from '../../driver.ts';
import { hashFile } from '../../image.ts';

/** The image's bytes are not those that its name says. */
export class ImageDamaged extends Error {
  override readonly name = 'ImageDamaged';
  readonly code = 'image_damaged';
}

/**
 * Reads the whole image once per host boot and checks that it is what its name says. The verdict is kept in `verdictPath`
 * with the boot and the file that it was made for. (A virtual machine needs none of this: dm-verity checks each block.)
 */
export async function verifyImage(image: MachineImage, verdictPath: string, log: Logger, signal?: AbortSignal): Promise<void> {
  const verdict = await toVerdict(image);
  if ((await readFile(verdictPath, 'utf8').catch(() => '')) === verdict) return;
  const started = performance.now();
  const actual = await hashFile(image.rootfs, signal);
  const ms = Math.round(performance.now() - started);
  if (actual !== image.id) throw new ImageDamaged(`${image.rootfs} is damaged: its sha256 is ${actual}. Remove it and build it again`);
  await writeAtomically(verdictPath, verdict);
  log.info({ image: image.id, ms }, 'image hashed once for this boot: a container reads it unverified');
}

async function toVerdict({ id, rootfs }: MachineImage): Promise<string> {
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(rootfs, { bigint: true });
  return [id, bootId.trim(), dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function writeAtomically(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
