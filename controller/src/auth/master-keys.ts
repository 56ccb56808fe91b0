import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import type { MasterKey } from './envelope.ts';

const KEY_BYTES = 32;
const LINE = /^([A-Za-z0-9._-]{1,32}) ([A-Za-z0-9+/]{43}=)$/;

/**
 * The master keys in a file, the newest first: a line each, its name and 32 bytes in base64; lines with # are notes. To change the key, put
 * a new line above the old one and restart; the old one can go after that. Where there is no file, one is made, readable by its owner only.
 */
export async function readMasterKeys(path: string): Promise<MasterKey[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return makeFile(path);
    throw error;
  });
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const keys = lines.filter(({ line }) => line !== '' && !line.startsWith('#')).map(({ line, number }) => toKey(line, path, number));
  if (keys.length === 0) throw new Error(`${path}: there is no key in it`);
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error(`${path}: two keys have the same name`);
  return keys;
}

/** Names the line, never what is in it. */
function toKey(line: string, path: string, number: number): MasterKey {
  const [, id, base64] = LINE.exec(line) ?? [];
  if (!id || !base64)
    throw new Error(`${path}:${number}: a key is a name, a space and ${KEY_BYTES} bytes in base64 (openssl rand -base64 32)`);
  return { id, key: Buffer.from(base64, 'base64') };
}

/** Whole or not at all: what half a key sealed would be lost. */
async function makeFile(path: string): Promise<string> {
  const text = `# Seals credentials in the database. Without it they are lost; with it and the database they can be read.\nk1 ${randomBytes(KEY_BYTES).toString('base64')}\n`;
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return text;
}
