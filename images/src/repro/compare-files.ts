import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toSha256 } from '../publish.ts';

/** sha256 of each file below a folder, by path. */
export async function hashFolder(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes: Record<string, string> = {};
  for (const path of paths.sort()) hashes[path.slice(dir.length + 1)] = await toSha256(path);
  return hashes;
}

/** Names of files that two folders do not have alike. */
export function diffHashes(first: Record<string, string>, second: Record<string, string>): string[] {
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
  return names.filter((name) => first[name] !== second[name]);
}
