import { open } from 'node:fs/promises';

const BLOCK = 512;

/** Offset at which an archive's end mark (blocks of zeros) begins. Archives without it can be written one after the other. */
export async function findTarEnd(path: string): Promise<number> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(BLOCK);
    for (let offset = 0; ;) {
      const { bytesRead } = await file.read(header, 0, BLOCK, offset);
      if (bytesRead < BLOCK || header[0] === 0) return offset;
      offset += BLOCK + Math.ceil(readSize(header) / BLOCK) * BLOCK;
    }
  } finally {
    await file.close();
  }
}

/** Size of an entry's content: octal text at 124. Nothing in a root filesystem needs the binary form (8 GiB and more). */
function readSize(header: Buffer): number {
  return parseInt(header.toString('latin1', 124, 136).replace(/\0.*/, '').trim() || '0', 8);
}
