import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

export type Machine = ReturnType<typeof readMachine>;

/** What the numbers are measured on. `load` is the last minute's: to be read before, when it is others' alone. */
export function readMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMib: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** `dirty`: something in the tree, results of benches aside, is not in the commit. */
export async function readCommit(): Promise<{ commit: string; dirty: boolean }> {
  const git = async (...words: string[]) => (await run('git', ['-C', ROOT, ...words])).stdout.trim();
  try {
    return { commit: await git('rev-parse', 'HEAD'), dirty: (await git('status', '--porcelain', '--', '.', ':!bench/results')) !== '' };
  } catch {
    return { commit: 'unknown', dirty: true }; // not a clone: a release's tree
  }
}

/** Of the image that new machines boot: the first of its sha256, and its compression. */
export async function readImage(): Promise<string> {
  const dir = process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images';
  const { id, rootfs } = JSON.parse(await readFile(join(dir, process.env.ORIEL_IMAGE ?? 'latest', 'manifest.json'), 'utf8')) as {
    id: string;
    rootfs: { compression: string };
  };
  return `${id.slice(0, 12)} (${rootfs.compression})`;
}
