import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Makes a link lead to `to` at once; undefined takes it away. Gives the undo. */
export async function switchLink(link: string, to: string | undefined): Promise<() => Promise<void>> {
  const before = await readLink(link);
  if (before !== to) await placeLink(link, to);
  return async () => {
    if (before !== to) await placeLink(link, before);
  };
}

export function readLink(link: string): Promise<string | undefined> {
  return readlink(link).catch(() => undefined);
}

/** Writes a file at once, unless it is as wanted; undefined takes it away. Gives the undo, and whether anything changed. */
export async function placeFile(
  path: string,
  text: string | undefined,
  mode = 0o644,
): Promise<{ changed: boolean; undo: () => Promise<void> }> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) return { changed: false, undo: async () => {} };
  const beforeMode = before === undefined ? mode : (await stat(path)).mode & 0o7777;
  await writeWhole(path, text, mode);
  return { changed: true, undo: () => writeWhole(path, before, beforeMode) };
}

/** A folder named by its content, into another parent; whole or not at all. */
export async function placeFolder(from: string, parent: string, name: string): Promise<void> {
  const target = join(parent, name);
  if (await stat(target).catch(() => undefined)) return;
  const aside = join(parent, `.${name}.partial`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  for (const file of await readdir(from)) await copyFile(join(from, file), join(aside, file), constants.COPYFILE_FICLONE);
  await chmod(aside, 0o755);
  await rename(aside, target);
}

async function placeLink(link: string, to: string | undefined): Promise<void> {
  if (to === undefined) return rm(link, { force: true });
  await mkdir(dirname(link), { recursive: true });
  const aside = `${link}.new`;
  await rm(aside, { force: true });
  await symlink(to, aside);
  await rename(aside, link);
}

async function writeWhole(path: string, text: string | undefined, mode: number): Promise<void> {
  if (text === undefined) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text, { mode });
  await chmod(`${path}.new`, mode);
  await rename(`${path}.new`, path);
}
