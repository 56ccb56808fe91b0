import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from './is-there.ts';
import type { Manifest } from './manifest.ts';
import { renameUnlessThere, withTemporary } from './stage.ts';

export const LATEST = 'latest';

/** A file of a published folder: its text, or where it is now (it is moved from there), or neither when it is known to be published. */
export interface PublishedFile {
  name: string;
  sha256: string;
  text?: string;
  path?: string;
}

export async function toSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await addToHash(hash, path);
  return hash.digest('hex');
}

/** Hashes a file's bytes from `start` to before `end`, all without. */
export async function addToHash(hash: Hash, path: string, start = 0, end = Infinity): Promise<void> {
  const bytes = createReadStream(path, { highWaterMark: 1 << 20, start, end: end - 1 });
  for await (const chunk of bytes) hash.update(chunk as Buffer);
}

export function toTextFile(name: string, text: string): PublishedFile {
  return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
}

export async function toMovedFile(name: string, path: string): Promise<PublishedFile> {
  return { name, path, sha256: await toSha256(path) };
}

/**
 * Puts finished files under one name. A new folder is there whole or not at all; in one that is there already, each file that
 * differs is replaced at once, in the order given.
 */
export async function publishFiles(parent: string, id: string, files: readonly PublishedFile[]): Promise<void> {
  const target = join(parent, id);
  await withTemporary(parent, async (dir) => {
    const aside = join(dir, 'files');
    await mkdir(aside);
    if (await isThere(target)) {
      for (const file of files) await replaceFile(file, aside, target);
    } else {
      for (const file of files) await putFile(file, join(aside, file.name));
      await renameUnlessThere(aside, target);
    }
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

/** Whether a published folder has these files. Looks at names alone. */
export async function isPublished(parent: string, id: string, names: readonly string[]): Promise<boolean> {
  return (await Promise.all(names.map((name) => isThere(join(parent, id, name))))).every(Boolean);
}

async function replaceFile(file: PublishedFile, aside: string, target: string): Promise<void> {
  if (file.text === undefined && file.path === undefined) return;
  const path = join(target, file.name);
  if ((await toSha256(path).catch(() => '')) === file.sha256) return;
  await putFile(file, join(aside, file.name));
  await rename(join(aside, file.name), path);
}

/** Modes do not depend on the umask. A file that machines boot from is written once. */
async function putFile({ name, text, path }: PublishedFile, to: string): Promise<void> {
  if (text !== undefined) await writeFile(to, text);
  else if (path !== undefined) await moveFile(path, to);
  else throw new Error(`${name} has no content to publish`);
  await chmod(to, text === undefined ? 0o444 : 0o644);
}

/** rename, or copy where the cache and the images are on two file systems. */
async function moveFile(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    return copyFile(from, to);
  });
}
