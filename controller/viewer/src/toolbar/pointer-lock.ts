import type { Transport } from '../choice.ts';
import { build, type Shell } from '../shell.ts';
import { STRINGS } from '../strings.ts';

/**
 * A button that gives the pointer to the desktop altogether, for programs that read its motion: games, drawings in space. The browser says
 * how one gets it back (Escape). WebRTC's alone, and of a guest that knows of it.
 */
export class PointerLock {
  readonly #button = build('button', { type: 'button', hidden: '' }, STRINGS.lockPointer);
  #surface: HTMLElement | undefined;
  #isAllowed = false;
  #shown: Transport | undefined;

  attach({ surface, keys, minimiseButton }: Shell, signal: AbortSignal): void {
    this.#surface = surface;
    this.#button.addEventListener('click', () => void lock(surface, keys), { signal });
    minimiseButton.before(this.#button);
    signal.addEventListener(
      'abort',
      () => {
        this.#leave();
        this.#button.remove();
      },
      { once: true },
    );
  }

  /** Whether the guest takes motion from this viewer. */
  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    this.#render();
  }

  /** What is shown now. */
  isOf(shown: Transport | undefined): void {
    this.#shown = shown;
    if (shown !== 'webrtc') this.#leave();
    this.#render();
  }

  #render(): void {
    // Phones have no pointer to lock, and say so by not knowing how.
    const canLock = typeof this.#surface?.requestPointerLock === 'function' && matchMedia('(pointer: fine)').matches;
    this.#button.hidden = !(canLock && this.#isAllowed && this.#shown === 'webrtc');
  }

  #leave(): void {
    const root = this.#surface?.getRootNode() as ShadowRoot | undefined;
    if (root?.pointerLockElement === this.#surface) document.exitPointerLock();
  }
}

async function lock(surface: HTMLElement, keys: HTMLElement): Promise<void> {
  keys.focus({ preventScroll: true });
  // A page that may not is told by the browser, and stays as it is.
  await Promise.resolve(surface.requestPointerLock()).catch(() => undefined);
}
