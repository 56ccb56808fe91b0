import { chmod, constants, open } from 'node:fs/promises';
import { run } from '../../host/run.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const COPY_MS = 30_000;

export interface CopyBounds {
  /** Where there is none, the most that the VMM's user may write into one file. */
  maxBytes?: number;
  mode: number;
}

/**
 * Copies a file out of a directory where a VMM's user can write: a link is not followed, what is no file is not read, and more than it
 * may have is not copied. Not moved: a VMM that has it open could still write to it. Zeroes take no disk.
 */
export async function copyOut(from: string, to: string, { maxBytes, mode }: CopyBounds, signal: AbortSignal): Promise<void> {
  // A pipe in its place is not waited for.
  await using file = await open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  const stats = await file.stat();
  if (!stats.isFile()) throw new Error(`${from} is no file`);
  if (maxBytes !== undefined && stats.size > maxBytes) throw new Error(`${from} has ${stats.size} bytes, ${maxBytes} are the most`);
  // Also while it is being read.
  const bounded = maxBytes === undefined ? [] : ['prlimit', `--fsize=${maxBytes}`];
  const copy = [...bounded, 'cp', '--sparse=always', `/proc/${process.pid}/fd/${file.fd}`, to];
  await run(copy, { label: `cp ${from}`, timeoutMs: COPY_MS, signal });
  await chmod(to, mode);
}
