import type { Usage } from './overuse-detector.ts';

export interface RateLimits {
  startKbps: number;
  leastKbps: number;
  mostKbps: number;
}

export interface RateInput {
  usage: Usage;
  /** What arrives now; undefined while too little does. */
  arrivedKbps: number | undefined;
  /** What the link could carry when last seen full. */
  capacityKbps: number | undefined;
  /** The rate of the newest packets that left together; 0 when there were none. */
  trainKbps: number;
  queueMs: number;
  rttMs: number;
  nowMs: number;
}

/** Over-use: down to so much of what arrives, which lets the queue drain. */
const BACK_OFF = 0.85;
/** Of a link that was seen full. */
const CAPACITY_SHARE = 0.9;
const GROWTH_PER_S = 1.08;
/** A growing queue shorter than that is what busy processors make. */
const LEAST_QUEUE_MS = 15;
const LONG_QUEUE_MS = 100;
const AFTER_OVERUSE_MS = 1000;
/** A sender that has little to send does not fill the link: that it arrives says nothing of more. */
const USED_SHARE = 0.6;

/**
 * Additive increase, multiplicative decrease (draft-ietf-rmcat-gcc-02, 5.5), for a sender that is mostly silent: while it does not use
 * its rate, that neither rises by what arrives, nor falls to it.
 */
export class Aimd {
  #kbps: number;
  readonly #limits: RateLimits;
  #lastMs: number | undefined;
  #decreasedMs = -Infinity;
  /** What arrived when the link was last over-used: near it, small steps. */
  #convergedKbps: number | undefined;

  constructor(limits: RateLimits) {
    this.#limits = limits;
    this.#kbps = limits.startKbps;
  }

  get kbps(): number {
    return this.#kbps;
  }

  /** True when it went down. */
  take(input: RateInput): boolean {
    const elapsedMs = Math.min(1000, input.nowMs - (this.#lastMs ?? input.nowMs));
    this.#lastMs = input.nowMs;
    if (input.usage === 'over' && input.queueMs >= LEAST_QUEUE_MS) return this.#decrease(input);
    if (input.usage === 'normal') this.#increase(input, elapsedMs);
    return false;
  }

  /** What it began with was a guess: a first measure takes its place. */
  settle(capacityKbps: number): void {
    this.#set(Math.min(this.#kbps, CAPACITY_SHARE * capacityKbps));
  }

  /** By losses that are more than the link's own noise; not below what arrives all the same. */
  reduce(factor: number, arrivedKbps: number, nowMs: number): void {
    this.#set(Math.min(this.#kbps, Math.max(this.#kbps * factor, BACK_OFF * arrivedKbps)));
    this.#decreasedMs = nowMs;
  }

  #decrease({ arrivedKbps, trainKbps, queueMs, rttMs, nowMs }: RateInput): boolean {
    if (nowMs - this.#decreasedMs < Math.max(200, rttMs)) return false;
    const isMeasure = arrivedKbps !== undefined && (arrivedKbps > USED_SHARE * this.#kbps || queueMs > LONG_QUEUE_MS);
    const carriedKbps = isMeasure ? Math.max(arrivedKbps, trainKbps) : this.#kbps;
    if (isMeasure) this.#convergedKbps = carriedKbps;
    this.#set(Math.min(this.#kbps, BACK_OFF * carriedKbps));
    this.#decreasedMs = nowMs;
    return true;
  }

  #increase({ arrivedKbps, capacityKbps, rttMs, nowMs }: RateInput, elapsedMs: number): void {
    if (nowMs - this.#decreasedMs < AFTER_OVERUSE_MS) return;
    if (capacityKbps !== undefined) this.#set(Math.max(this.#kbps, CAPACITY_SHARE * capacityKbps));
    if (arrivedKbps === undefined || arrivedKbps < USED_SHARE * this.#kbps) return;
    const converged = this.#convergedKbps;
    if (converged !== undefined && arrivedKbps > 1.3 * converged) this.#convergedKbps = undefined;
    const isNear = converged !== undefined && Math.abs(arrivedKbps - converged) < 0.2 * converged;
    // One packet more in each response time, or by the factor.
    const grown = isNear ? this.#kbps + (9.6 * elapsedMs) / (rttMs + 100) : this.#kbps * GROWTH_PER_S ** (elapsedMs / 1000);
    this.#set(Math.max(this.#kbps, Math.min(grown, 1.5 * arrivedKbps + 10)));
  }

  #set(kbps: number): void {
    this.#kbps = Math.min(this.#limits.mostKbps, Math.max(this.#limits.leastKbps, kbps));
  }
}
