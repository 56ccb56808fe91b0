import type { Logger } from 'pino';
import { at } from '../fault-point.ts';
import { inTime } from '../host/in-time.ts';

interface Step {
  what: string;
  act: () => unknown;
  isLast: boolean;
  /** Begun, and not over yet. */
  running?: Promise<unknown> | undefined;
}

/**
 * What has to be taken down, last made first. A step is pushed *before* its thing is made, so its act must cope with
 * a thing half made. A step that fails or hangs is logged and kept, and the rest goes on.
 */
export class UndoStack {
  #steps: Step[] = [];
  readonly #log: Logger;
  readonly #limitMs: number;

  constructor(log: Logger, limitMs = 20_000) {
    this.#log = log;
    this.#limitMs = limitMs;
  }

  /** `isLast`: only when all that was pushed after it is gone, as a record that says where it is. */
  push(what: string, act: () => unknown, { isLast = false } = {}): void {
    this.#steps.push({ what, act, isLast });
  }

  has(what: string): boolean {
    return this.#steps.some((step) => step.what === what);
  }

  /** True when nothing is left. What could not be taken down is tried again at the next call. */
  async run(): Promise<boolean> {
    const left: Step[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      const mustWait = step.isLast && left.length > 0;
      if (mustWait || !(await this.#take(step))) left.unshift(step);
    }
    this.#steps.unshift(...left);
    return left.length === 0;
  }

  async #take(step: Step): Promise<boolean> {
    try {
      at(`undo ${step.what}`);
      await inTime(this.#limitMs, step.what, (step.running ??= begin(step)));
      at(`undone ${step.what}`);
      return true;
    } catch (error) {
      this.#log.error({ err: error, what: step.what }, 'could not be taken down');
      return false;
    }
  }
}

/** One that hangs is waited for again, and not begun a second time beside itself. */
function begin(step: Step): Promise<unknown> {
  const running = (async () => step.act())();
  running.catch(() => (step.running = undefined));
  return running;
}
