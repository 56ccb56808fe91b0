import { watch, type Stats } from 'node:fs';
import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsoleLines } from './console-lines.ts';

/** When the kernel tells of no change (a watch that could not be had), we look by ourselves; when it does, seldom: a thousand looks a second are a third of a processor. */
const LOOK_AGAIN_MS = { watched: 120_000, unwatched: 1_000 };
const CHUNK_BYTES = 65_536;
/** A guest that floods its console is read at this pace and no faster; what its writer drops meanwhile is not told. */
const BURST_BYTES = 1 << 20;
const BURST_MS = 200;

/** A machine's console as plain text; empty when nothing was written yet. */
export async function readConsole(path: string): Promise<string> {
  const text = (await readFile(path, 'utf8').catch(ignoreMissing)) ?? '';
  const lines: string[] = [];
  const reader = new ConsoleLines((line) => lines.push(line));
  reader.push(text);
  reader.end();
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Calls `onLine` for each line of a console, from its beginning, until `signal` aborts; resolves when what was there by then is
 * told, too. The file may come later, and may be begun anew by its writer when it is full: what was dropped before it was read is not told.
 */
export async function watchConsole(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const reader = new ConsoleLines(onLine);
  const change = watchDirectory(dirname(path), signal);
  const at: Position = { handle: undefined, inode: 0, offset: 0 };
  try {
    while (!signal.aborted) {
      const changed = change();
      const read = await readOn(path, at, reader);
      await (read < BURST_BYTES ? changed : sleep(BURST_MS));
    }
    await readOn(path, at, reader);
    reader.end();
  } finally {
    await at.handle?.close();
  }
}

interface Position {
  handle: FileHandle | undefined;
  inode: number;
  offset: number;
}

/** Reads to the end of the file, and on into the one that has taken its place. Returns the number of bytes. */
async function readOn(path: string, at: Position, reader: ConsoleLines): Promise<number> {
  if (isRead(at, await stat(path).catch(ignoreMissing))) return 0;
  for (let read = 0; ;) {
    read += await readToEnd(at, reader);
    if (read >= BURST_BYTES) return read;
    const file = await stat(path).catch(ignoreMissing);
    if (!file) return read;
    if (file.ino === at.inode) {
      if (file.size >= at.offset) return read;
      at.offset = 0;
    } else {
      await at.handle?.close();
      at.handle = await open(path, 'r').catch(ignoreMissing);
      at.inode = at.handle ? (await at.handle.stat()).ino : 0;
      at.offset = 0;
    }
  }
}

/** A thousand consoles in which nobody writes are looked at, too. */
function isRead({ inode, offset }: Position, file: Stats | undefined): boolean {
  return file !== undefined && file.ino === inode && file.size === offset;
}

async function readToEnd(at: Position, reader: ConsoleLines): Promise<number> {
  let read = 0;
  while (at.handle && read < BURST_BYTES) {
    const there = (await at.handle.stat()).size - at.offset;
    if (there <= 0) break;
    // As much as there is: a thousand consoles have been read to their ends.
    const buffer = Buffer.allocUnsafe(Math.min(there, CHUNK_BYTES));
    const { bytesRead } = await at.handle.read(buffer, 0, buffer.length, at.offset);
    if (bytesRead === 0) break;
    at.offset += bytesRead;
    read += bytesRead;
    reader.push(buffer.subarray(0, bytesRead));
  }
  return read;
}

/** Each call gives a promise of the next change in the directory, of the abort, or of a short while having passed. */
function watchDirectory(dir: string, signal: AbortSignal): () => Promise<void> {
  let ring = () => {};
  let kind: keyof typeof LOOK_AGAIN_MS = 'watched';
  try {
    watch(dir, { persistent: false, signal }, () => ring()).on('error', () => {
      kind = 'unwatched';
      ring();
    });
  } catch {
    // Too many watches on this host: looking every so often has to do.
    kind = 'unwatched';
  }
  signal.addEventListener('abort', () => ring());
  return () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = new AbortController();
    ring = () => {
      timer.abort();
      resolve();
    };
    sleep(LOOK_AGAIN_MS[kind], undefined, { ref: false, signal: timer.signal }).then(resolve, () => {});
    return promise;
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
