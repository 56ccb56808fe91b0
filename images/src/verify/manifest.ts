import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST } from '../attest/describe.ts';
import type { Statement } from '../attest/provenance.ts';
import { PROVENANCE } from '../attest/provenance-file.ts';
import type { Manifest } from '../manifest.ts';

const ROOTFS = 'rootfs.erofs';

/** Whether the manifest (or what is wrong with it) speaks of the root filesystem that the provenance names. */
export async function checkManifest(dir: string, manifest: Manifest | string, { subject }: Statement): Promise<string[]> {
  const rootfs = subject.find(({ name }) => name === ROOTFS);
  if (!rootfs) return [`${PROVENANCE}: names no ${ROOTFS}: it is no image's`];
  if (typeof manifest === 'string') return [`${MANIFEST}: ${manifest}`];
  const { sha256 } = rootfs.digest;
  const bytes = await stat(join(dir, ROOTFS)).then(
    ({ size }) => size,
    () => manifest.rootfs.bytes,
  );
  return [
    ...(manifest.rootfs.file === ROOTFS ? [] : [`${MANIFEST}: its root filesystem is ${manifest.rootfs.file}, ${ROOTFS} is wanted`]),
    ...(manifest.id === sha256 ? [] : [`${MANIFEST}: id is ${manifest.id}, the provenance says ${sha256}`]),
    ...(manifest.rootfs.bytes === bytes ? [] : [`${MANIFEST}: says ${manifest.rootfs.bytes} bytes of ${ROOTFS}, it has ${bytes}`]),
  ];
}
