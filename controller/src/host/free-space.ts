import { statfsSync } from 'node:fs';

/** Room on the file system of a path, MiB, for those who are not root. Asks the kernel only: no disk is read. */
export function readFreeMib(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return Math.floor((bavail * bsize) / 2 ** 20);
}
