import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Writes until nothing fits any more. */
export function fillDisk(path: string): void {
  const file = openSync(path, 'w');
  for (const bytes of [1 << 20, 4096]) untilFull(() => writeSync(file, Buffer.alloc(bytes)));
  closeSync(file);
}

/** Makes empty files until there can be no more: for a disk that was mounted with few. */
export function fillInodes(dir: string): void {
  let name = 0;
  untilFull(() => closeSync(openSync(join(dir, `filler-${name++}`), 'w')));
}

function untilFull(act: () => void): void {
  try {
    for (;;) act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
