import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

/** Tells of bytes that were written. */
interface Destination {
  on(event: 'write', listener: (bytes: number) => void): unknown;
}

/**
 * Keeps the file of a log from growing beyond `maxBytes`: its older half is dropped then. The descriptor is all that it needs, as a process
 * without rights has it: open for reading too, and appending (`a+`).
 */
export function boundLog(destination: Destination, fd: number, maxBytes: number): void {
  let size = fstatSync(fd).size;
  destination.on('write', (bytes) => {
    size += bytes;
    if (size > maxBytes) size = dropOlder(fd, Math.floor(maxBytes / 2));
  });
}

/** Leaves the last whole lines of so many bytes; gives how many are left. */
function dropOlder(fd: number, kept: number): number {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(Math.min(kept, size));
  const lines = tail.subarray(0, readSync(fd, tail, 0, tail.length, size - tail.length));
  ftruncateSync(fd);
  return writeSync(fd, lines.subarray(lines.indexOf('\n') + 1));
}
