import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Whether a program is in the path (root's included), or a file where its absolute name says. */
export function isThere(program: string): boolean {
  const dirs = ['/usr/sbin', '/sbin', ...(process.env.PATH ?? '').split(delimiter)];
  return (isAbsolute(program) ? [program] : dirs.map((dir) => join(dir, program))).some(isReadable);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
