import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';

const KEY_BYTES = 32;

/** The key in the file; a new one, readable by its owner only, when there is no such file. Throws when it is no key. */
export async function readOrMakeKey(path: string): Promise<Uint8Array> {
  const key = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return makeKey(path);
    throw error;
  });
  if (key.length !== KEY_BYTES) throw new Error(`${path}: ${key.length} bytes, a key has ${KEY_BYTES}; remove the file to make a new one`);
  return key;
}

/** Whole or not at all: half a key would be kept for ever. */
async function makeKey(path: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return key;
}
