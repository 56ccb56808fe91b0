import type { Size } from '../input/desktop-point.ts';

/** A picture of the size before comes for no longer than this after the guest told of another. */
const LATE_MS = 2000;

export type SizesKnown = {
  /** Of the video. */
  picture: Size;
  /** What the guest said last, and before that. */
  told: Size | undefined;
  before: Size | undefined;
  sinceToldMs: number;
};

/**
 * The size of the desktop that the picture shows, in which places on it are told to the guest. What the guest says and the frames come by
 * different ways: for a moment the picture can be of the size before, or of one that was not told yet.
 */
export function toShownSize({ picture, told, before, sinceToldMs }: SizesKnown): Size {
  if (!told || isNone(picture)) return told ?? picture;
  if (isSame(picture, told)) return told;
  if (before && isSame(picture, before) && sinceToldMs < LATE_MS) return before;
  return isScaled(picture, told) ? told : picture;
}

/** The guest's words about the size, as they come. */
export class ToldSizes {
  #told: Size | undefined;
  #before: Size | undefined;
  #at = 0;

  get told(): Size | undefined {
    return this.#told;
  }

  tell({ width, height }: Size): void {
    if (this.#told && isSame(this.#told, { width, height })) return;
    [this.#before, this.#told, this.#at] = [this.#told, { width, height }, performance.now()];
  }

  toShown(picture: Size): Size {
    return toShownSize({ picture, told: this.#told, before: this.#before, sinceToldMs: performance.now() - this.#at });
  }
}

const isNone = ({ width, height }: Size) => width === 0 || height === 0;
const isSame = (a: Size, b: Size) => a.width === b.width && a.height === b.height;

/** A picture of the whole in fewer pixels: as wide for its height, but for what rounding does. */
function isScaled(picture: Size, whole: Size): boolean {
  return picture.width < whole.width && Math.abs(picture.width * whole.height - picture.height * whole.width) <= 2 * whole.width;
}
