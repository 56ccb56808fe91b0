/** Counts what was encoded, second by second. */
export class Rate {
  #frames = 0;
  #bytes = 0;

  add(frame: Buffer): void {
    this.#frames += 1;
    this.#bytes += frame.length;
  }

  /** What came in since the last call, as a rate over `elapsedMs`. */
  take(elapsedMs: number): { fps: number; kbps: number } {
    const rate = { fps: Math.round((this.#frames * 1000) / elapsedMs), kbps: Math.round((this.#bytes * 8) / elapsedMs) };
    this.#frames = 0;
    this.#bytes = 0;
    return rate;
  }
}
