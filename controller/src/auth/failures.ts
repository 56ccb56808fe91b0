import { Refusal } from '../refusal.ts';
import { WindowCounts } from '../window-counts.ts';

const WINDOW_MS = 60_000;

/**
 * Counts wrong tokens by where they come from. More than `max` in a minute are told to wait. A right token is never asked how many wrong ones
 * came from its address: many people share one, behind a proxy or at a product's back end, and one must not lock the others out.
 * What stops guessing is that a token has 256 random bits.
 */
export class AuthFailures {
  readonly #max: number;
  readonly #counts: WindowCounts;

  constructor(max: number, now?: () => number) {
    this.#max = max;
    this.#counts = new WindowCounts(now);
  }

  /** The error that one more failure from there is answered with: itself, or that there were too many. */
  toRefusal(error: unknown, address: string): unknown {
    if (!(error instanceof Refusal) || error.statusCode !== 401) return error;
    const { current, ttl } = this.#counts.count(address, WINDOW_MS);
    if (current <= this.#max) return error;
    const retryAfterSeconds = Math.max(1, Math.ceil(ttl / 1000));
    return new Refusal(429, 'too_many_failures', 'too many wrong tokens came from this address', { retryAfterSeconds });
  }
}
