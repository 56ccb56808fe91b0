import { DiskFull } from './errors.ts';

/** What a session writes on the host: its records and, twice, its console of 1 MiB at most. The rest is for those that run. */
export const NEEDED_MIB = 64;

/** A session that cannot write its end down is not begun. Throws DiskFull. */
export function checkRoom(freeMib = Infinity): void {
  if (freeMib < NEEDED_MIB) throw new DiskFull(freeMib, NEEDED_MIB);
}
