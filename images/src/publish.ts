import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isThere } from './is-there.ts';
import type { Manifest } from './manifest.ts';
import { renameUnlessThere, withTemporary } from './stage.ts';

export const LATEST = 'latest';

export async function toSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Puts a finished image under its name; `rootfs` is moved. It is there whole or not at all. */
export async function publishImage(images: string, rootfs: string, manifest: Manifest): Promise<void> {
  if (await isPublished(images, manifest.id)) return;
  await withTemporary(images, async (dir) => {
    const aside = join(dir, 'image');
    await mkdir(aside);
    await chmod(rootfs, 0o444);
    await moveFile(rootfs, join(aside, 'rootfs.erofs'));
    await writeFile(join(aside, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await renameUnlessThere(aside, join(images, manifest.id));
  });
}

/** Makes `latest` name the image. Says whether it named another before. */
export async function switchLatest(images: string, id: string): Promise<boolean> {
  const link = join(images, LATEST);
  if ((await readlink(link).catch(() => '')) === id) return false;
  const aside = `${link}.${process.pid}`;
  await rm(aside, { force: true });
  await symlink(id, aside);
  await rename(aside, link);
  return true;
}

/** Manifest of a published image, by its id or by a link to it; undefined when there is none. */
export async function readPublished(images: string, name: string): Promise<Manifest | undefined> {
  const text = await readFile(join(images, name, 'manifest.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

export function isPublished(images: string, id: string): Promise<boolean> {
  return isThere(join(images, id, 'manifest.json'));
}

/** rename, or copy where the cache and the images are on two file systems. */
async function moveFile(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    return copyFile(from, to);
  });
}
