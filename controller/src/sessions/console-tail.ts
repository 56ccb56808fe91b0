import { Bell } from '../signal/bell.ts';

/** Kept of each machine: enough for the last words of one service among those of the others. */
const LINES_MAX = 1_000;
const CHARACTERS_MAX = 256 * 1024;
/** What a reader is given at a time, and so what one that has stopped reading costs. */
const PIECE_CHARACTERS = 64 * 1024;

export interface ConsolePiece {
  lines: string[];
  /** Where to read on. */
  last: number;
  /** Lines between the ones read before and these, which are no longer kept. */
  dropped: number;
}

/**
 * The end of a console, in memory once for all who read it. A reader only has the number of the last line that it was given:
 * one that is slower than the machine makes nothing grow, but finds lines gone.
 *
 *     1 … gone … │ first … kept … last │ … to come
 */
export class ConsoleTail {
  /** Rings with each line, and at the end. */
  readonly changed = new Bell();
  /** Names this very numbering: another controller, which counts anew, has another one. */
  readonly epoch = Date.now().toString(36);
  readonly #lines: string[] = [];
  #characters = 0;
  #last = 0;
  #isOver = false;

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Number of the last line, counted from 1. */
  get last(): number {
    return this.#last;
  }

  /** No line comes any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  add(line: string): void {
    this.#lines.push(line);
    this.#last += 1;
    this.#characters += line.length;
    while (this.#lines.length > LINES_MAX || this.#characters > CHARACTERS_MAX) this.#characters -= this.#lines.shift()!.length;
    this.changed.ring();
  }

  end(): void {
    this.#isOver = true;
    this.changed.ring();
  }

  /** Lines after the one of this number, as many as fit; undefined when there is none. */
  read(after: number): ConsolePiece | undefined {
    if (after >= this.#last) return undefined;
    const gone = this.#last - this.#lines.length;
    const from = Math.max(after, gone);
    const lines = takeWhileFits(this.#lines, from - gone);
    return { lines, last: from + lines.length, dropped: from - after };
  }
}

function takeWhileFits(all: readonly string[], from: number): string[] {
  let to = from;
  for (let room = PIECE_CHARACTERS - all[from]!.length; to < all.length && room >= 0; room -= all[to]?.length ?? 0) to += 1;
  return all.slice(from, to);
}
