import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isThere } from './is-there.ts';

/** Results of a stage that are kept, newest first. */
const KEPT = 3;

/** Key of a stage: hash of all its inputs, as data. Equal inputs have one key, whatever order their fields were written in. */
export function toKey(inputs: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortFields(inputs)))
    .digest('hex');
}

/**
 * Folder with a stage's result. Made by `make` into a folder aside unless the cache has it; a killed build leaves nothing under a
 * good name, and two builds at once end with one of two equal results.
 */
export async function runStage(cache: string, name: string, key: string, make: (dir: string) => Promise<void>): Promise<string> {
  const stages = join(cache, 'stages');
  const path = join(stages, `${name}-${key.slice(0, 32)}`);
  if (await isThere(path)) {
    await touch(path);
    return path;
  }
  await mkdir(stages, { recursive: true });
  await withTemporary(cache, async (dir) => {
    const result = join(dir, 'result');
    await mkdir(result);
    await make(result);
    await renameUnlessThere(result, path);
  });
  await touch(path);
  await removeOld(stages, name);
  return path;
}

/** Gives a folder its name, unless an equal one was given it meanwhile. */
export async function renameUnlessThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** Whether the stage's result is there. */
export function isCached(cache: string, name: string, key: string): Promise<boolean> {
  return isThere(join(cache, 'stages', `${name}-${key.slice(0, 32)}`));
}

/** A folder that is gone afterwards; one that a killed build left is removed by the next. */
export async function withTemporary<T>(cache: string, work: (dir: string) => Promise<T>): Promise<T> {
  const root = join(cache, 'tmp');
  await mkdir(root, { recursive: true });
  await sweep(root);
  const dir = await mkdtemp(join(root, `${process.pid}.`));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sortFields(field)]),
  );
}

async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!isAlive(Number(name.split('.')[0]))) await rm(join(root, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The time of a result says when it was last used. */
async function touch(path: string): Promise<void> {
  await utimes(path, new Date(), new Date());
}

async function removeOld(stages: string, name: string): Promise<void> {
  const names = (await readdir(stages)).filter((entry) => /^(.*)-[0-9a-f]{32}$/.exec(entry)?.[1] === name);
  const used = await Promise.all(
    names.map(async (entry) => ({ path: join(stages, entry), at: (await stat(join(stages, entry))).mtimeMs })),
  );
  const old = used.sort((a, b) => b.at - a.at).slice(KEPT);
  await Promise.all(old.map(({ path }) => rm(path, { recursive: true, force: true })));
}
