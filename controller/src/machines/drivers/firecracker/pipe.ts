import { closeSync, constants, fstatSync, open } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/** A line of metrics has some 20 KB. A longer one is dropped: who writes may be a guest that broke out. */
const MAX_LINE_BYTES = 256 * 1024;
const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;

/** Gives each line that comes through a named pipe, until its writer is gone or `signal` aborts. Keeps no thread, nor the process, waiting. */
export async function readPipe(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  // The pipe lies where the VMM may put something else: no link is followed, nothing but a pipe is read.
  const fd = await promisify(open)(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  if (!fstatSync(fd).isFIFO()) {
    closeSync(fd);
    throw new Error(`${path} is no pipe`);
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = new Socket({ fd, readable: true, writable: false, signal }).unref();
  socket.on('data', splitLines(onLine)).on('error', () => socket.destroy());
  socket.on('close', () => resolve());
  return promise;
}

/** Takes pieces, gives whole lines. */
export function splitLines(onLine: (line: string) => void): (chunk: Buffer) => void {
  let rest = '';
  let isTooLong = false;
  return (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (!isTooLong && line !== '') onLine(line);
      isTooLong = false;
    }
    if (rest.length > MAX_LINE_BYTES) {
      isTooLong = true;
      rest = '';
    }
  };
}
