import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Content of a folder as data: path → `sha256 x|-` or `→ target`. What git keeps, and nothing that differs by checkout. */
export async function readTree(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(dir.length), entry.isSymbolicLink() ? `→ ${await readlink(path)}` : await describe(path)] as const;
    });
  return Object.fromEntries((await Promise.all(files)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function describe(path: string): Promise<string> {
  const [content, { mode }] = await Promise.all([readFile(path), stat(path)]);
  return `${createHash('sha256').update(content).digest('hex')} ${mode & 0o100 ? 'x' : '-'}`;
}
