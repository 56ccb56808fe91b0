import type { TrainMeasure } from './packet-trains.ts';

/** Not known yet: a first key frame goes out at this rate, in about 30 ms. */
const FIRST_KBPS = 20_000;
const MOST_KBPS = 500_000;
/** Shorter trains may have gone through a token bucket at once. */
const LONG_TRAIN = 15;
const SHORT_TRAINS_AFTER_MS = 2000;
const LATEST_MS = 500;

/**
 * What the link carries at most, from the trains of packets. Rises by the lesser of two measures in a row, as one may be luck; falls
 * when the link is over-used, and then to what arrives.
 */
export class Capacity {
  #kbps: number | undefined;
  #before = 0;
  /** A train has filled the link since it was last seen with room. */
  #isSaturated = false;
  #loweredMs = -Infinity;
  #latest = { kbps: 0, atMs: -Infinity };

  /** Undefined until something was measured. */
  get kbps(): number | undefined {
    return this.#kbps;
  }

  /** How fast packets leave: a little more than the link carries, or twice what it was seen to carry with ease. */
  get paceKbps(): number {
    if (this.#kbps === undefined) return FIRST_KBPS;
    return Math.min(MOST_KBPS, this.#kbps * (this.#isSaturated ? 1.2 : 2));
  }

  /** What the newest train was carried at; 0 when there was none of late. A viewer that was busy shows a queue, but no slow trains. */
  latestKbps(nowMs: number): number {
    return nowMs - this.#latest.atMs < LATEST_MS ? this.#latest.kbps : 0;
  }

  add({ kbps, isSaturated, packets }: TrainMeasure, nowMs: number): void {
    this.#latest = { kbps, atMs: nowMs };
    if (packets < LONG_TRAIN && nowMs - this.#loweredMs < SHORT_TRAINS_AFTER_MS) return;
    const least = this.#before === 0 ? kbps : Math.min(kbps, this.#before);
    this.#before = kbps;
    if (this.#kbps === undefined || least > this.#kbps) this.#kbps = least;
    this.#isSaturated = isSaturated;
  }

  lower(kbps: number, nowMs: number): void {
    this.#kbps = Math.min(this.#kbps ?? kbps, kbps);
    this.#before = 0;
    this.#isSaturated = true;
    this.#loweredMs = nowMs;
  }
}
