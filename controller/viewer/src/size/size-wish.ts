import type { Size } from '../input/desktop-point.ts';

/** What an element's `resize` says. `desktop`: the desktop takes the element's size. `scale`: it keeps its own, and its picture is scaled. */
export type ResizeMode = 'desktop' | 'scale';

/** A window that is being drawn to another size changes at each frame: the desktop follows when it has come to rest. */
const REST_MS = 150;

/** Tells the guest in which size the desktop is shown here, while it may be told. */
export class SizeWish {
  readonly #send: (size: Size) => void;
  readonly #restMs: number;
  #mode: ResizeMode = 'desktop';
  #size: Size = { width: 0, height: 0 };
  #isAllowed = false;
  #sent = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (size: Size) => void, restMs = REST_MS) {
    this.#send = send;
    this.#restMs = restMs;
  }

  set mode(mode: ResizeMode) {
    this.#mode = mode;
    this.#sent = '';
    this.#tell();
  }

  /** The element has this size in pixels of the device; none while it is not to be seen. */
  resize(size: Size): void {
    this.#size = size;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), this.#restMs);
  }

  /** The guest says whether this viewer may choose the size: at once with a new connection. */
  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    this.#tell();
  }

  /** The connection is gone, and with it what was told. */
  forget(): void {
    this.#isAllowed = false;
    this.#sent = '';
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.forget();
  }

  #tell(): void {
    const { width, height } = this.#size;
    const words = `${width}x${height}`;
    if (!this.#isAllowed || this.#mode !== 'desktop' || width === 0 || height === 0 || words === this.#sent) return;
    this.#sent = words;
    this.#send({ width, height });
  }
}
