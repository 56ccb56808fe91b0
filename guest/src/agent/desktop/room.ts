import { statfs } from 'node:fs/promises';
import { NoRoom } from '../errors.ts';

/** With less, the desktop's programs fail one after the other, and none says why. */
const NEEDED_MIB = 32;

/** A machine whose disk is full before anything was done on it is of no use. Throws NoRoom. */
export async function checkRoom(path = '/', neededMib = NEEDED_MIB): Promise<void> {
  const { bavail, bsize } = await statfs(path);
  const freeMib = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMib < neededMib) throw new NoRoom(`disk: ${freeMib} MiB are free on ${path}, ${neededMib} are needed`);
}
