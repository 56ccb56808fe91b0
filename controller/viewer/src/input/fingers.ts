import type { Point } from './desktop-point.ts';
import { LONG_MS, Touch, type TouchAct } from './touch.ts';

export type FingersSink = {
  /** The pointer goes to a place of the page. */
  move: (at: Point) => void;
  button: (button: 1 | 3, down: boolean, at: Point) => void;
  /** CSS pixels; down and right positive. */
  scroll: (dx: number, dy: number, at: Point) => void;
};

/** Touches of a surface, told as what a mouse would do there. */
export class Fingers {
  readonly #touch = new Touch();
  readonly #sink: FingersSink;
  #long: ReturnType<typeof setTimeout> | undefined;

  constructor(sink: FingersSink) {
    this.#sink = sink;
  }

  handle({ type, pointerId, clientX: x, clientY: y }: PointerEvent): void {
    if (type === 'pointerdown') this.#do(this.#touch.down(pointerId, { x, y }));
    if (type === 'pointermove') this.#do(this.#touch.move(pointerId, { x, y }));
    if (type === 'pointerup') this.#do(this.#touch.up(pointerId));
    if (type === 'pointercancel') this.#do(this.#touch.cancel());
    if (!this.#touch.mayBeLong) clearTimeout(this.#long);
    if (type === 'pointerdown' && this.#touch.mayBeLong) this.#long = setTimeout(() => this.#settle(), LONG_MS);
  }

  forgetAll(): void {
    clearTimeout(this.#long);
    this.#touch.cancel();
  }

  #settle(): void {
    const acts = this.#touch.settle();
    if (acts.length > 0) navigator.vibrate?.(20); // a finger does not see a menu below it
    this.#do(acts);
  }

  #do(acts: TouchAct[]): void {
    const { move, button, scroll } = this.#sink;
    for (const one of acts) {
      if (one.act === 'scroll') scroll(one.dx, one.dy, one.at);
      if (one.act === 'click' || one.act === 'press' || one.act === 'drag') move(one.at);
      if (one.act === 'click') [true, false].forEach((down) => button(one.button, down, one.at));
      if (one.act === 'press' || one.act === 'release') button(1, one.act === 'press', one.at);
    }
  }
}
