import type { FastifyRateLimitStore } from '@fastify/rate-limit';

interface Window {
  count: number;
  /** ms, of performance.now. */
  startedAt: number;
}

/** Keys that are remembered; those that were asked for longest ago go first. */
const KEYS_MAX = 5_000;

/**
 * Counts requests in windows of time. The plugin's own store goes by the host's time: when that jumps back by an hour, a window lasts an
 * hour, and a page that is open gets 429 until its session has ended for want of it.
 */
export class LimitStore implements FastifyRateLimitStore {
  readonly #windows = new Map<string, Window>();

  incr(key: string, callback: (error: Error | null, result?: { current: number; ttl: number }) => void, windowMs: number): void {
    const now = performance.now();
    const known = this.#windows.get(key);
    const window = known && now - known.startedAt < windowMs ? known : { count: 0, startedAt: now };
    window.count += 1;
    this.#remember(key, window);
    callback(null, { current: window.count, ttl: windowMs - (now - window.startedAt) });
  }

  /** Each route has its own. */
  child(): LimitStore {
    return new LimitStore();
  }

  #remember(key: string, window: Window): void {
    this.#windows.delete(key);
    this.#windows.set(key, window);
    if (this.#windows.size > KEYS_MAX) this.#windows.delete(this.#windows.keys().next().value!);
  }
}
