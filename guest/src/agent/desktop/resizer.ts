import { RESIZE_LIMITS, type MachineConfig } from '#contract/machine-config';
import type { Size } from '../input/words.ts';
import { toReason, type Log } from '../log.ts';
import { throttle } from '../stream/throttle.ts';
import { SizeWishes } from './size-wishes.ts';

type Resize = MachineConfig['display']['resize'];
type Limits = Exclude<Resize, false | undefined>;

export interface ResizerOptions {
  resize: Resize;
  /** The size that the desktop has. */
  getSize(): Size;
  /** Resolves when it has this one. */
  setSize(size: Size): Promise<void>;
  log: Log;
  /** Least time between two changes: each is a key frame for every viewer. */
  intervalMs?: number;
}

/** Gives the desktop the size that its viewers want, one change after the other; what was wanted in between is skipped. */
export class Resizer {
  /** Viewers who may touch may also choose the size. */
  readonly isFree: boolean;
  readonly #options: ResizerOptions;
  readonly #limits: Limits;
  readonly #wishes = new SizeWishes();
  readonly #soon: { ask: () => void; cancel: () => void };
  #turn: Promise<void> = Promise.resolve();

  constructor(options: ResizerOptions) {
    const { resize, intervalMs = 250 } = options;
    this.#options = options;
    this.isFree = resize !== false;
    this.#limits = resize || RESIZE_LIMITS;
    this.#soon = throttle(() => this.#inTurn(), intervalMs);
  }

  /** A viewer shows the desktop in this size. */
  wish(viewer: string, size: Size): void {
    if (!this.isFree) return;
    this.#wishes.wish(viewer, size);
    this.again();
  }

  /** A viewer did something on the desktop. */
  use(viewer: string): void {
    if (!this.isFree) return;
    this.#wishes.use(viewer);
    this.again();
  }

  leave(viewer: string): void {
    this.#wishes.leave(viewer);
    this.again();
  }

  /** To be told when X has begun anew, in the size that it began with. */
  again(): void {
    if (this.#wanted) this.#soon.ask();
  }

  stop(): void {
    this.#soon.cancel();
  }

  /** Undefined while the desktop is as it is wanted. */
  get #wanted(): Size | undefined {
    const { chosen } = this.#wishes;
    const size = chosen && toAllowed(chosen, this.#limits);
    const now = this.#options.getSize();
    return size && (size.width !== now.width || size.height !== now.height) ? size : undefined;
  }

  #inTurn(): void {
    this.#turn = this.#turn.then(() => this.#change());
  }

  async #change(): Promise<void> {
    const size = this.#wanted;
    if (!size) return;
    const started = performance.now();
    try {
      await this.#options.setSize(size);
      this.#options.log.info({ ...size, ms: Math.round(performance.now() - started) }, 'desktop resized');
    } catch (error) {
      this.#options.log.warn({ ...size, reason: toReason(error) }, 'X does not take this size');
    }
  }
}

/** Within the limits, which are even, and even: chroma of a video frame has half the pixels. */
export function toAllowed({ width, height }: Size, { least, most }: Limits): Size {
  return { width: toEven(width, least.width, most.width), height: toEven(height, least.height, most.height) };
}

function toEven(value: number, least: number, most: number): number {
  const within = Math.min(most, Math.max(least, value));
  return within - (within % 2);
}
