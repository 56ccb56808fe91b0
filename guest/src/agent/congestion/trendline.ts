import type { GroupDelta } from './packet-groups.ts';

const WINDOW = 20;
const SMOOTHING = 0.9;
const GAIN = 4;
const MOST_DELTAS = 60;

/**
 * Whether the queue on the way grows: the slope of the smoothed, accumulated delay over the last groups (libwebrtc's trendline
 * estimator, which took the place of the draft's Kalman filter).
 */
export class Trendline {
  #points: { atMs: number; delayMs: number }[] = [];
  #accumulatedMs = 0;
  #smoothedMs = 0;
  #deltas = 0;
  #firstMs: number | undefined;

  /** The trend, in the unit of the detector's threshold; 0 until enough is known. */
  add({ sendMs, arrivalMs, atMs }: GroupDelta): number {
    this.#firstMs ??= atMs;
    this.#deltas = Math.min(this.#deltas + 1, MOST_DELTAS);
    this.#accumulatedMs += arrivalMs - sendMs;
    this.#smoothedMs = SMOOTHING * this.#smoothedMs + (1 - SMOOTHING) * this.#accumulatedMs;
    this.#points = [...this.#points, { atMs: atMs - this.#firstMs, delayMs: this.#smoothedMs }].slice(-WINDOW);
    return this.#points.length < WINDOW ? 0 : toSlope(this.#points) * this.#deltas * GAIN;
  }
}

/** Least squares. */
function toSlope(points: readonly { atMs: number; delayMs: number }[]): number {
  const meanAt = points.reduce((sum, { atMs }) => sum + atMs, 0) / points.length;
  const meanDelay = points.reduce((sum, { delayMs }) => sum + delayMs, 0) / points.length;
  const numerator = points.reduce((sum, { atMs, delayMs }) => sum + (atMs - meanAt) * (delayMs - meanDelay), 0);
  const denominator = points.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
  return denominator === 0 ? 0 : numerator / denominator;
}
