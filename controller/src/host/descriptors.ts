import { readdirSync, readFileSync, statSync } from 'node:fs';

/** How many files and sockets this process may still open; 0 when it cannot even open what tells. The limit is read anew: it can be changed from outside. */
export function readFreeDescriptors(): number {
  try {
    const limit = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    if (limit === undefined || limit === 'unlimited') return Infinity;
    return Math.max(0, Number(limit) - countOpen());
  } catch (error) {
    if (isOutOfDescriptors(error)) return 0;
    throw error;
  }
}

/** Since Linux 6.2 the directory's size; to list thousands takes milliseconds, in which nobody is served. */
function countOpen(): number {
  // One of those listed is the directory that is being read.
  return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length - 1;
}

/** The process, or the whole host, has no file descriptors left. */
export function isOutOfDescriptors(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
