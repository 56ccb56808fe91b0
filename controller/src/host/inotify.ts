import { readFile, writeFile } from 'node:fs/promises';

/** One user has all container desktops of a host, and at most so many inotify instances (inotify(7)). */
export const INOTIFY_LIMIT = '/proc/sys/fs/inotify/max_user_instances';
/** What a desktop's programs open, and some for whatever else that user has. */
const PER_DESKTOP = 8;
const OTHERS = 64;

/** Instances that so many container desktops need. */
export function toInotifyNeed(desktops: number): number {
  return desktops * PER_DESKTOP + OTHERS;
}

export async function readInotifyLimit(path = INOTIFY_LIMIT): Promise<number> {
  return Number((await readFile(path, 'utf8')).trim());
}

/**
 * Sees to it that the kernel lets so many container desktops run: raises its limit where it is too low, and never lowers it, as others
 * may count on it. Resolves with both limits when it did. Throws where it cannot be written.
 */
export async function raiseInotifyLimit(desktops: number, path = INOTIFY_LIMIT): Promise<{ from: number; to: number } | undefined> {
  const [from, to] = [await readInotifyLimit(path), toInotifyNeed(desktops)];
  if (from >= to) return undefined;
  await writeFile(path, String(to));
  return { from, to };
}
