/*
 * Runs inside the image, by its own Node: reads which of our files are there (path → layer, JSON) from standard input and tells
 * to which of our layers or which package the bytes of every file belong. Imports nothing but Node.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Measured } from '../sizes.ts';

const DPKG = '/var/lib/dpkg';
/** Mounted here by whoever runs this, and empty in an image. */
const NOT_OURS = new Set(['/proc', '/dev', '/sys', '/run', '/tmp']);

/** npm's many files are known by its integrity. */
const NPM = '/usr/lib/node_modules/';
const HASH_LENGTH = 16;

const ours = JSON.parse(await text(process.stdin)) as Record<string, string>;
/** Files that have been counted, by inode: one that has two names is one. */
const counted = new Set<number>();
const measured: Measured = { status: await readFile(join(DPKG, 'status'), 'utf8'), layers: {}, packages: {}, files: {}, rest: 0 };

for (const [path, layer] of Object.entries(ours).sort(([a], [b]) => (a < b ? -1 : 1))) {
  measured.layers[layer] = (measured.layers[layer] ?? 0) + (await count(path));
  if (!path.startsWith(NPM)) measured.files[path] = await describe(path);
}
for (const file of (await readdir(join(DPKG, 'info'))).filter((name) => name.endsWith('.list')).sort()) {
  const paths = (await readFile(join(DPKG, 'info', file), 'utf8')).split('\n').filter(Boolean);
  measured.packages[file.replace(/(:[^.]+)?\.list$/, '')] = await countAll(paths);
}
measured.rest = await countBelow('/');
process.stdout.write(JSON.stringify(measured));

async function describe(path: string): Promise<string> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) return `→ ${await readlink(path)}`;
  const sha256 = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  return `${sha256.slice(0, HASH_LENGTH)}${found.mode & 0o100 ? ' x' : ''}`;
}

async function countBelow(dir: string): Promise<number> {
  if (NOT_OURS.has(dir)) return 0;
  const entries = await readdir(dir, { withFileTypes: true });
  let bytes = await countAll(entries.filter((entry) => entry.isFile()).map(({ name }) => join(dir, name)));
  for (const entry of entries) if (entry.isDirectory()) bytes += await countBelow(join(dir, entry.name));
  return bytes;
}

async function countAll(paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of paths) bytes += await count(path);
  return bytes;
}

/** Bytes of a regular file that was not counted yet. What dpkg was told to leave out is not there. */
async function count(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || counted.has(found.ino)) return 0;
  counted.add(found.ino);
  return found.size;
}
