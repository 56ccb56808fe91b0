import { readFileSync } from 'node:fs';

/** Memory that programs can still get without swapping, MiB: the kernel's own estimate. Throws where there is no /proc. */
export function readAvailableMib(path = '/proc/meminfo'): number {
  return parseAvailableMib(readFileSync(path, 'utf8'));
}

/** `MemAvailable: 22557316 kB` in a text of proc_meminfo(5). */
export function parseAvailableMib(meminfo: string): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  if (kib === undefined) throw new Error('/proc/meminfo has no MemAvailable');
  return Math.floor(Number(kib) / 1024);
}
