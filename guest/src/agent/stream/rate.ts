export interface EncodedRate {
  fps: number;
  kbps: number;
  /** Mean time that a frame took, where encoders tell it. */
  encodeMs?: number;
}

/** Counts what was encoded, second by second. */
export class Rate {
  #frames = 0;
  #bytes = 0;
  #workMs = 0;
  #timed = 0;

  add(frame: Buffer, workMs?: number): void {
    this.#frames += 1;
    this.#bytes += frame.length;
    if (workMs === undefined) return;
    this.#workMs += workMs;
    this.#timed += 1;
  }

  /** What came in since the last call, as a rate over `elapsedMs`. */
  take(elapsedMs: number): EncodedRate {
    const rate = { fps: Math.round((this.#frames * 1000) / elapsedMs), kbps: Math.round((this.#bytes * 8) / elapsedMs) };
    const work = this.#timed > 0 && { encodeMs: Math.round((this.#workMs / this.#timed) * 100) / 100 };
    this.#frames = this.#bytes = this.#workMs = this.#timed = 0;
    return { ...rate, ...work };
  }
}
