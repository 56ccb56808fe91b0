import { open } from 'node:fs/promises';

/** Changes one bit of a file; a second time changes it back. */
export async function flipBit(path: string, offset: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Buffer.from([byte[0]! ^ 1]), 0, 1, offset);
}
