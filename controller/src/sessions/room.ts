import { DiskFull, NoDescriptors } from './errors.ts';

/** What a session writes on the host: its records and, twice, its console of 1 MiB at most. The rest is for those that run. */
export const NEEDED_MIB = 64;

/** What a session opens in the controller: commands on its way up, its guest's connections, its viewers'. */
export const NEEDED_DESCRIPTORS = 64;

/** A session that cannot write its end down, or that the controller could not speak to, is not begun. Throws DiskFull, NoDescriptors. */
export function checkRoom(freeMib = Infinity, freeDescriptors = Infinity): void {
  if (freeMib < NEEDED_MIB) throw new DiskFull(freeMib, NEEDED_MIB);
  if (freeDescriptors < NEEDED_DESCRIPTORS) throw new NoDescriptors(freeDescriptors, NEEDED_DESCRIPTORS);
}
