import type { Logger } from 'pino';
import { at } from '../fault-point.ts';

interface Step {
  what: string;
  act: () => unknown;
}

/**
 * What has to be taken down, last made first. A step is pushed *before* its thing is made, so its act must cope with
 * a thing half made. A step that fails or hangs is logged, and the rest goes on.
 */
export class UndoStack {
  readonly #steps: Step[] = [];
  readonly #log: Logger;
  readonly #limitMs: number;

  constructor(log: Logger, limitMs = 20_000) {
    this.#log = log;
    this.#limitMs = limitMs;
  }

  push(what: string, act: () => unknown): void {
    this.#steps.push({ what, act });
  }

  has(what: string): boolean {
    return this.#steps.some((step) => step.what === what);
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        at(`undo ${step.what}`);
        await within(this.#limitMs, step.act);
        at(`undone ${step.what}`);
      } catch (error) {
        this.#log.error({ err: error, what: step.what }, 'could not be taken down');
      }
    }
  }
}

async function within(limitMs: number, act: () => unknown): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  try {
    await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
