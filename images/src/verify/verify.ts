import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST } from '../attest/describe.ts';
import { PROVENANCE } from '../attest/provenance-file.ts';
import type { Manifest } from '../manifest.ts';
import { verifyVerity } from '../verity.ts';
import { checkBills } from './bills.ts';
import { checkManifest } from './manifest.ts';
import { checkProvenance, checkSubjects, type Trust } from './provenance.ts';

/** What is wrong with an image, one line each: which file, what was found, what is wanted. Empty when all is well. */
export type Check = (dir: string, manifest: Manifest) => Promise<string[]>;

/** What must be true of an image beyond the hashes of its files. */
const CHECKS: readonly Check[] = [checkBills, (dir, { rootfs, verity }) => verifyVerity(join(dir, rootfs.file), verity)];

/**
 * Everything that is wrong with a published image. `trust` is whose signature is wanted. Checks that look into files run
 * only when the root filesystem is what was signed: it is mounted, and nobody's bytes are given to the kernel.
 */
export async function verifyImage(dir: string, trust: Trust, checks: readonly Check[] = CHECKS): Promise<string[]> {
  const { wrong, statement } = await checkProvenance(dir, trust);
  if (!statement) return wrong;
  const manifest = await readManifest(dir);
  const found = [...wrong, ...(await checkSubjects(dir, statement)), ...(await checkManifest(dir, manifest, statement))];
  if (typeof manifest === 'string') return found;
  if (found.some((line) => line.startsWith(`${PROVENANCE}:`) || line.startsWith('rootfs.erofs:'))) {
    return [...found, 'rootfs.erofs: not opened, so nothing in it is compared'];
  }
  return [...found, ...(await Promise.all(checks.map((check) => check(dir, manifest)))).flat()];
}

/** The manifest, or what is wrong with it. */
async function readManifest(dir: string): Promise<Manifest | string> {
  const text = await readFile(join(dir, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return 'cannot be read';
  try {
    const manifest = JSON.parse(text) as Manifest;
    return Array.isArray(manifest.packages) && typeof manifest.rootfs === 'object' ? manifest : 'is no manifest of an image';
  } catch {
    return 'is no JSON';
  }
}
