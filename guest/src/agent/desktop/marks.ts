import { readFileSync, writeFileSync } from 'node:fs';
import type { Clock } from './clock.ts';

export interface MarksOptions {
  clock: Clock;
  /** Where they are kept for the agent's next life. */
  path: string;
  onSet(name: string, ms: number): void;
}

/** When things first happened, in ms after boot. */
export class Marks {
  readonly #options: MarksOptions;
  readonly #marks: Record<string, number>;

  constructor(options: MarksOptions) {
    this.#options = options;
    this.#marks = read(options.path);
  }

  get all(): Record<string, number> {
    return { ...this.#marks };
  }

  /** Only the first time counts. */
  set(name: string, ms: number = this.#options.clock()): void {
    if (name in this.#marks) return;
    this.#marks[name] = ms;
    writeFileSync(this.#options.path, JSON.stringify(this.#marks));
    this.#options.onSet(name, ms);
  }
}

function read(path: string): Record<string, number> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>;
  } catch {
    return {}; // the first life, or one that ended while it wrote
  }
}
