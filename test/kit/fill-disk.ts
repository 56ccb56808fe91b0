import { closeSync, openSync, writeSync } from 'node:fs';

/** Writes until nothing fits any more. */
export function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  for (const bytes of [1 << 20, 4096]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
}
