import { readdir, readFile, readlink, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { withTemporary } from './stage.ts';

/** Images that are kept for a way back, beside those that are linked to or in use. */
const KEPT = 2;

const ID = /^[0-9a-f]{64}$/;

export interface Published {
  id: string;
  /** When it was published, ms since 1970. */
  at: number;
}

/** What may go unless it is in use, oldest first: not linked to, and not one of the newest others. */
export function planCollection(published: readonly Published[], linked: ReadonlySet<string>): string[] {
  const unlinked = published.filter(({ id }) => !linked.has(id)).sort((a, b) => a.at - b.at);
  return unlinked.slice(0, Math.max(0, unlinked.length - KEPT)).map(({ id }) => id);
}

/** Removes the images that nothing uses; gives their ids. A link beside `latest` keeps what it names. */
export async function collectImages(
  images: string,
  findUsed: (ids: readonly string[]) => Promise<Set<string>> = findImagesInUse,
): Promise<string[]> {
  const names = await readdir(images, { withFileTypes: true });
  const links = names.filter((entry) => entry.isSymbolicLink()).map(async ({ name }) => basename(await readlink(join(images, name))));
  const folders = names.filter((entry) => entry.isDirectory() && ID.test(entry.name));
  const published = await Promise.all(folders.map(async ({ name: id }) => ({ id, at: (await stat(join(images, id))).mtimeMs })));
  const candidates = planCollection(published, new Set(await Promise.all(links)));
  if (candidates.length === 0) return [];
  const used = await findUsed(candidates);
  const unused = candidates.filter((id) => !used.has(id));
  for (const id of unused) await removeImage(images, id);
  return unused;
}

/** Those of the images that a process, a mount or a loop device has open, in any mount namespace of this host. */
export async function findImagesInUse(ids: readonly string[]): Promise<Set<string>> {
  const traces = [...(await readLoopFiles()), ...(await readProcesses())];
  return new Set(ids.filter((id) => traces.some((trace) => trace.includes(id))));
}

async function readLoopFiles(): Promise<string[]> {
  const devices = await readdir('/sys/block').catch(() => []);
  return Promise.all(devices.map((device) => readFile(join('/sys/block', device, 'loop/backing_file'), 'utf8').catch(() => '')));
}

/** Mounts and open files of every process. One that ends meanwhile uses nothing. */
async function readProcesses(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const traces = await Promise.all(pids.map((pid) => Promise.all([readMounts(pid), readOpenFiles(pid)])));
  return traces.flat();
}

function readMounts(pid: string): Promise<string> {
  return readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => '');
}

async function readOpenFiles(pid: string): Promise<string> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(descriptors.map((descriptor) => readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')));
  return targets.join('\n');
}

/** Gone at once under its name; who opened it meanwhile keeps it as long as it is open. */
async function removeImage(images: string, id: string): Promise<void> {
  await withTemporary(images, (dir) =>
    rename(join(images, id), join(dir, id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    }),
  );
}
