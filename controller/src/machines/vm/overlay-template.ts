import { access, mkdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../host/run.ts';

/** Enough for a desktop with a few hundred thousand files; more cost bytes in every clone. */
const INODES = 131_072;
const MKFS_MS = 20_000;

/**
 * An empty ext4 of so many MiB, sparse, made once per size: clones copy its few hundred KiB instead of making their own. No journal:
 * what is in it does not outlive the machine. Gives its path.
 */
export async function prepareTemplate(dir: string, sizeMib: number): Promise<string> {
  const path = join(dir, `overlay-${sizeMib}.ext4`);
  if (await isThere(path)) return path;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, '', { mode: 0o600 });
    await truncate(temporary, sizeMib * 2 ** 20);
    await run(planMkfs(temporary), { timeoutMs: MKFS_MS });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  return path;
}

export function planMkfs(path: string): string[] {
  const features = '^has_journal,^resize_inode,^metadata_csum';
  return ['mkfs.ext4', '-q', '-F', '-m0', '-N', String(INODES), '-E', 'lazy_itable_init=1', '-O', features, path];
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
