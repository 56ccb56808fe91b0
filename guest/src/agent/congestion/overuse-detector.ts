export type Usage = 'normal' | 'over' | 'under';

/** So long has the trend to be above the threshold, and to rise. */
const OVERUSE_MS = 10;
const GAIN_UP = 0.0087;
const GAIN_DOWN = 0.039;
const THRESHOLD_FIRST = 12.5;
const THRESHOLD_LEAST = 6;
const THRESHOLD_MOST = 600;
/** A peak that far above the threshold is not learnt from. */
const OUTLIER = 15;
const MOST_STEP_MS = 100;

/** Over-use detector with a threshold that adapts, so that other flows' queues do not starve this one (draft-ietf-rmcat-gcc-02, 5.4). */
export class OveruseDetector {
  #threshold = THRESHOLD_FIRST;
  #overMs = 0;
  #overCount = 0;
  #before = 0;
  #lastMs: number | undefined;
  #usage: Usage = 'normal';

  take(trend: number, sendMs: number, atMs: number): Usage {
    if (trend > this.#threshold) {
      this.#overMs += this.#overMs === 0 ? sendMs / 2 : sendMs;
      this.#overCount += 1;
      if (this.#overMs > OVERUSE_MS && this.#overCount > 1 && trend >= this.#before) this.#usage = 'over';
    } else {
      this.#overMs = this.#overCount = 0;
      this.#usage = trend < -this.#threshold ? 'under' : 'normal';
    }
    this.#before = trend;
    this.#adapt(trend, atMs);
    return this.#usage;
  }

  #adapt(trend: number, atMs: number): void {
    const stepMs = Math.min(atMs - (this.#lastMs ?? atMs), MOST_STEP_MS);
    this.#lastMs = atMs;
    const size = Math.abs(trend);
    if (size > this.#threshold + OUTLIER) return;
    const gain = size < this.#threshold ? GAIN_DOWN : GAIN_UP;
    const threshold = this.#threshold + gain * (size - this.#threshold) * Math.max(0, stepMs);
    this.#threshold = Math.min(THRESHOLD_MOST, Math.max(THRESHOLD_LEAST, threshold));
  }
}
