import type { Point } from './desktop-point.ts';

/** What fingers say to the desktop. Places are of the page, CSS pixels. */
export type TouchAct =
  | { act: 'click'; button: 1 | 3; at: Point }
  /** The left button goes down, moves, comes up. */
  | { act: 'press' | 'drag' | 'release'; at: Point }
  /** Down and right positive: what is under the fingers follows them, so the wheel turns the other way. */
  | { act: 'scroll'; dx: number; dy: number; at: Point };

type Finger = { from: Point; at: Point };

/** `done`: nothing more comes of these fingers. */
type Mode = 'none' | 'tap' | 'drag' | 'scroll' | 'two' | 'done';

/** A finger is never quite still. CSS pixels. */
const STILL = 10;
export const LONG_MS = 500;

/**
 * Fingers on the desktop, as a mouse:
 *
 *   tap                        left click
 *   held still                 right click (call `settle` after LONG_MS)
 *   moved                      drag with the left button
 *   two fingers moved          wheel
 *   two fingers, not moved     right click
 */
export class Touch {
  readonly #fingers = new Map<number, Finger>();
  #mode: Mode = 'none';

  /** True while a finger that is held still would be a long press. */
  get mayBeLong(): boolean {
    return this.#mode === 'tap';
  }

  down(id: number, at: Point): TouchAct[] {
    this.#fingers.set(id, { from: at, at });
    if (this.#fingers.size === 1) return this.#to('tap');
    // The second finger comes a moment after the first, which may have moved a little by then.
    const acts = this.#mode === 'drag' ? [this.#release()] : [];
    return this.#fingers.size === 2 && this.#mode !== 'done' ? [...acts, ...this.#to('two')] : [...acts, ...this.#to('done')];
  }

  move(id: number, at: Point): TouchAct[] {
    const finger = this.#fingers.get(id);
    if (!finger) return [];
    const before = this.#centre();
    finger.at = at;
    if (this.#mode === 'drag') return [{ act: 'drag', at }];
    if (this.#mode === 'scroll') return [this.#scroll(before)];
    if (!isMoved(finger)) return [];
    if (this.#mode === 'tap') return [...this.#to('drag'), { act: 'press', at: finger.from }, { act: 'drag', at }];
    return this.#mode === 'two' ? [...this.#to('scroll'), this.#scroll(before)] : [];
  }

  up(id: number): TouchAct[] {
    const finger = this.#fingers.get(id);
    if (!finger) return [];
    const acts: TouchAct[] =
      this.#mode === 'tap'
        ? [{ act: 'click', button: 1, at: finger.at }]
        : this.#mode === 'two'
          ? [{ act: 'click', button: 3, at: this.#centre() }]
          : this.#mode === 'drag'
            ? [this.#release()]
            : [];
    this.#fingers.delete(id);
    this.#mode = this.#fingers.size === 0 ? 'none' : 'done';
    return acts;
  }

  /** The finger has been still for LONG_MS. */
  settle(): TouchAct[] {
    const [finger] = this.#fingers.values();
    if (this.#mode !== 'tap' || !finger) return [];
    return [...this.#to('done'), { act: 'click', button: 3, at: finger.at }];
  }

  /** The browser took the fingers, or the desktop has let go of everything. */
  cancel(): TouchAct[] {
    const acts = this.#mode === 'drag' ? [this.#release()] : [];
    this.#fingers.clear();
    this.#mode = 'none';
    return acts;
  }

  #to(mode: Mode): [] {
    this.#mode = mode;
    return [];
  }

  #release(): TouchAct {
    const [finger] = this.#fingers.values();
    return { act: 'release', at: finger!.at };
  }

  #centre(): Point {
    const all = [...this.#fingers.values()];
    const mean = (read: (finger: Finger) => number) => all.reduce((sum, finger) => sum + read(finger), 0) / all.length;
    return { x: mean(({ at }) => at.x), y: mean(({ at }) => at.y) };
  }

  #scroll(before: Point): TouchAct {
    const at = this.#centre();
    return { act: 'scroll', dx: before.x - at.x, dy: before.y - at.y, at };
  }
}

const isMoved = ({ from, at }: Finger) => Math.hypot(at.x - from.x, at.y - from.y) > STILL;
