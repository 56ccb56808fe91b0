/** The part of a WheelEvent that counts. `wheelDeltaX` and `wheelDeltaY` are not in the standard; all browsers have them. */
export type WheelTurn = {
  deltaX: number;
  deltaY: number;
  deltaMode: number;
  wheelDeltaX?: number;
  wheelDeltaY?: number;
  timeStamp: number;
};

/** Of `wheelDelta`: one notch of a wheel, whatever number of pixels the system makes of it; a touchpad's pixel is 3. */
const NOTCH = 120;
/** Pixels, lines and pages that make a click where they make more than `wheelDelta` does: someone wants a fast wheel. */
const CLICK = [120, 3, 1] as const;
/** More clicks at once than a hand can make; the guest refuses them. */
const MOST = 20;
/** A rest this long ends a gesture: what is left of a click is forgotten. */
const REST_MS = 300;

/** Turns wheel events into whole clicks, keeping what is left over for the next one. Down and right are positive. */
export class WheelClicks {
  #x = 0;
  #y = 0;
  #at = 0;

  turn({ deltaX, deltaY, deltaMode, wheelDeltaX, wheelDeltaY, timeStamp }: WheelTurn): { dx: number; dy: number } {
    if (timeStamp - this.#at > REST_MS) this.#x = this.#y = 0;
    this.#at = timeStamp;
    const x = this.#x + toClicks(deltaX, wheelDeltaX, deltaMode);
    const y = this.#y + toClicks(deltaY, wheelDeltaY, deltaMode);
    const [dx, dy] = [toWhole(x), toWhole(y)];
    [this.#x, this.#y] = [x - dx, y - dy];
    return { dx: toMost(dx), dy: toMost(dy) };
  }
}

function toClicks(delta: number, wheelDelta = 0, mode: number): number {
  const clicks = Math.max(Math.abs(delta) / (CLICK[mode] ?? CLICK[0]), Math.abs(wheelDelta) / NOTCH);
  return Math.sign(delta || -wheelDelta) * clicks;
}

/** The nearest whole number, halves away from 0: half a notch is a click already. `|| 0`: no minus zero. */
const toWhole = (clicks: number) => Math.sign(clicks) * Math.round(Math.abs(clicks)) || 0;

const toMost = (clicks: number) => Math.min(MOST, Math.max(-MOST, clicks));
