const WINDOW_MS = 30_000;
const SMOOTHING = 0.8;

/** How long packets wait on the way: what they take beyond the quickest of the last half minute. The clocks need not agree, only run alike. */
export class QueueingDelay {
  #least: { atMs: number; ms: number }[] = [];
  #queueMs = 0;

  /** Of each packet that came. */
  add(sentMs: number, arrivalMs: number): void {
    const ms = arrivalMs - sentMs;
    // Each that is left is more than those before it: the first is the least of the window.
    while (this.#least.length > 0 && this.#least.at(-1)!.ms >= ms) this.#least.pop();
    this.#least.push({ atMs: sentMs, ms });
    while (this.#least[0]!.atMs < sentMs - WINDOW_MS) this.#least.shift();
    this.#queueMs = SMOOTHING * this.#queueMs + (1 - SMOOTHING) * (ms - this.#least[0]!.ms);
  }

  get ms(): number {
    return this.#queueMs;
  }
}
