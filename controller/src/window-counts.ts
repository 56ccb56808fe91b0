/** Keys that are remembered; the one whose window began first is forgotten first. */
const KNOWN_MAX = 10_000;

export interface Counted {
  /** With this one. */
  current: number;
  /** ms until it begins at 1 again. */
  ttl: number;
}

/** Counts by key in windows of time. */
export class WindowCounts {
  readonly #now: () => number;
  readonly #windows = new Map<string, { count: number; endsAt: number }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  count(key: string, windowMs: number): Counted {
    const now = this.#now();
    const known = this.#windows.get(key);
    const open = known && known.endsAt > now ? known : this.#begin(key, now + windowMs);
    open.count += 1;
    return { current: open.count, ttl: open.endsAt - now };
  }

  #begin(key: string, endsAt: number): { count: number; endsAt: number } {
    this.#windows.delete(key);
    if (this.#windows.size >= KNOWN_MAX) this.#windows.delete(this.#windows.keys().next().value!);
    const fresh = { count: 0, endsAt };
    this.#windows.set(key, fresh);
    return fresh;
  }
}
