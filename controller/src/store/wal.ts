import { closeSync, openSync, readSync } from 'node:fs';

/*
 * SQLite takes a log that does not begin as one (https://sqlite.org/fileformat2.html#walformat) for none, and what was committed into it
 * for never written. The head is synced before anything follows it: a broken one is damage, and no interrupted write. Of a frame
 * that does not fit this cannot be said: commits that were not synced may be torn by loss of power.
 *
 *   header: magic, version, page size, sequence, salt 1, salt 2, checksum 1, checksum 2
 */
const HEADER_BYTES = 32;
const MAGIC = 0x377f0682;

/** What is wrong with the head of a log; undefined for a sound one, and for none. */
export function findWalDamage(path: string): string | undefined {
  const head = readHead(path);
  if (head.length < HEADER_BYTES || head.every((byte) => byte === 0)) return undefined;
  const isBigEndian = head.readUInt32BE(0) === MAGIC + 1;
  if (!isBigEndian && head.readUInt32BE(0) !== MAGIC) return `its log ${path} does not begin as one`;
  const [a, b] = checksum(head.subarray(0, 24), isBigEndian);
  if (head.readUInt32BE(24) !== a || head.readUInt32BE(28) !== b) return `the head of its log ${path} is damaged`;
  return undefined;
}

function checksum(bytes: Buffer, isBigEndian: boolean): [number, number] {
  let [a, b] = [0, 0];
  const word = (at: number) => (isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  for (let at = 0; at < bytes.length; at += 8) {
    a = (a + word(at) + b) >>> 0;
    b = (b + word(at + 4) + a) >>> 0;
  }
  return [a, b];
}

function readHead(path: string): Buffer {
  const head = Buffer.alloc(HEADER_BYTES);
  try {
    const file = openSync(path, 'r');
    const length = readSync(file, head);
    closeSync(file);
    return head.subarray(0, length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
