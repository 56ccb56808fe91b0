import type { Size } from '../input/words.ts';

interface Wish {
  size: Size | undefined;
  /** Rises with each use; 0 before the first. */
  usedAt: number;
}

/**
 * Whose size the desktop has: that of the viewer who used it last (key, button, wheel, text), as with tmux's `window-size latest`; before
 * anybody did, of the one who came first. The others see it scaled.
 */
export class SizeWishes {
  /** In the order in which they came. */
  readonly #viewers = new Map<string, Wish>();
  #uses = 0;

  get chosen(): Size | undefined {
    const wishes = [...this.#viewers.values()].filter(({ size }) => size);
    return wishes.reduce<Wish | undefined>((best, wish) => (best && best.usedAt >= wish.usedAt ? best : wish), undefined)?.size;
  }

  wish(viewer: string, size: Size): void {
    this.#viewers.set(viewer, { size, usedAt: this.#viewers.get(viewer)?.usedAt ?? 0 });
  }

  use(viewer: string): void {
    this.#viewers.set(viewer, { size: this.#viewers.get(viewer)?.size, usedAt: ++this.#uses });
  }

  leave(viewer: string): void {
    this.#viewers.delete(viewer);
  }
}
