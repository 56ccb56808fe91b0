import type { PacketResult } from './sent-packets.ts';

const LEAST_PACKETS = 20;
const LEAST_MS = 300;
const SMOOTHING = 0.7;

/** Share of packets that do not arrive, counted over enough of them to mean something. */
export class Loss {
  #packets = 0;
  #lost = 0;
  #sinceMs = -Infinity;
  /** Smoothed, 0 to 1. */
  share = 0;

  /** The share in what was counted when that is enough; undefined else. */
  take(results: readonly PacketResult[], nowMs: number): number | undefined {
    this.#packets += results.length;
    this.#lost += results.filter(({ arrivalMs }) => arrivalMs === undefined).length;
    if (this.#packets < LEAST_PACKETS || nowMs - this.#sinceMs < LEAST_MS) return undefined;
    const share = this.#lost / this.#packets;
    this.share = SMOOTHING * this.share + (1 - SMOOTHING) * share;
    this.#packets = this.#lost = 0;
    this.#sinceMs = nowMs;
    return share;
  }
}
