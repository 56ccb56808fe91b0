import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where this host would put the core dump of a process that runs now: the directory, as the test reaches it; undefined when a program collects them. */
export function toCoreDir(pid: number): string | undefined {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim();
  if (pattern.startsWith('|') || pattern.startsWith('@')) return undefined;
  if (pattern.startsWith('/')) return `/proc/${pid}/root${dirname(pattern)}`;
  return readlinkSync(`/proc/${pid}/cwd`);
}

/** Names that were not there before. */
export function listNew(dir: string, before: readonly string[]): string[] {
  return readdirSync(dir).filter((name) => !before.includes(name));
}
