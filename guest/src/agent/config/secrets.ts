import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** 256 bits, base64url. */
export function makeSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What was kept in the file, or undefined when there is none. */
export async function readSecret(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Kept for the agent's next life. Only its user can read it. */
export async function keepSecret(path: string, secret: string): Promise<void> {
  await writeFile(`${path}.new`, secret, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
