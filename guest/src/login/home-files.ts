import { constants } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CREDENTIAL_MAX_BYTES } from '#contract/sign-in';
import type { HomeFile } from './protocol.ts';

/** What is in a file of the user's home; undefined when there is none, or nothing in it yet. */
export async function readHomeFile(home: string, path: string): Promise<{ content: string } | { problem: string } | undefined> {
  const file = await open(join(home, path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW).catch(
    ({ code }: NodeJS.ErrnoException) => (code === 'ENOENT' || code === 'ENOTDIR' ? undefined : (code ?? 'unknown')),
  );
  if (file === undefined) return undefined;
  if (typeof file === 'string') return { problem: file === 'ELOOP' ? 'it is a link' : `it cannot be read (${file})` };
  try {
    const facts = await file.stat();
    if (!facts.isFile()) return { problem: 'it is no file' };
    if (facts.size > CREDENTIAL_MAX_BYTES) return { problem: `it has ${facts.size} bytes, ${CREDENTIAL_MAX_BYTES} at most are taken` };
    // It may grow while it is read.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CREDENTIAL_MAX_BYTES + 1));
    if (bytesRead > CREDENTIAL_MAX_BYTES) return { problem: `it has more than ${CREDENTIAL_MAX_BYTES} bytes` };
    return bytesRead === 0 ? undefined : { content: buffer.toString('utf8', 0, bytesRead) };
  } finally {
    await file.close();
  }
}

/** As a tool would have written them: for their owner only. */
export async function writeHomeFiles(home: string, files: readonly HomeFile[]): Promise<void> {
  for (const { path, content } of files) {
    const place = join(home, path);
    await mkdir(dirname(place), { recursive: true, mode: 0o700 });
    const file = await open(`${place}.oriel`, 'w', 0o600);
    await file.writeFile(content).finally(() => file.close());
    await rename(`${place}.oriel`, place);
  }
}

/** Overwritten, then removed. The machine's whole overlay goes a moment later; this is for what looks into it before. */
export async function wipeHomeFiles(home: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const place = join(home, path);
    const { size } = await stat(place).catch(() => ({ size: 0 }));
    const file = await open(place, constants.O_WRONLY | constants.O_NOFOLLOW).catch(() => undefined);
    await file
      ?.write(Buffer.alloc(Math.min(size, CREDENTIAL_MAX_BYTES * 4)), 0)
      .catch(() => undefined)
      .finally(() => file.close());
    await rm(place, { force: true });
  }
}
