import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DoorCounts, DoorRefusal } from '#contract/guest';

/** However many are refused, they are written down so often at most, ms. */
const WRITE_MS = 1_000;

/** How many requests a door has refused, in a file of its own that the agent reads; it is counted on after the door's service began anew. */
export class Tally {
  readonly #path: string;
  readonly #writeMs: number;
  readonly #counts: DoorCounts;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, writeMs = WRITE_MS) {
    this.#path = path;
    this.#writeMs = writeMs;
    this.#counts = readCounts(path);
  }

  count(why: DoorRefusal): void {
    this.#counts[why] = (this.#counts[why] ?? 0) + 1;
    this.#timer ??= setTimeout(() => this.#write(), this.#writeMs);
  }

  /** Whole or not at all: the agent may read at any moment. A disk that is full is no reason to end. */
  #write(): void {
    this.#timer = undefined;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#counts));
      renameSync(`${this.#path}.new`, this.#path);
    } catch {
      // The next one that is refused is written with these.
    }
  }
}

/** None where there is no such file yet. */
export function readCounts(path: string): DoorCounts {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DoorCounts;
  } catch {
    return {};
  }
}
