/** A rate: so many a second, and as many at once as come together in `burstSeconds`. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #most: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  constructor(perSecond: number, burstSeconds = 3, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#most = Math.max(1, perSecond * burstSeconds);
    this.#now = now;
    this.#left = this.#most;
    this.#at = now();
  }

  /** False when it is too soon. */
  take(): boolean {
    const at = this.#now();
    this.#left = Math.min(this.#most, this.#left + ((at - this.#at) / 1000) * this.#perSecond);
    this.#at = at;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
