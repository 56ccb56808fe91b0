import type { InputEvent } from '#contract/input';
import { ALT_GR_MS, KeyStroke, type Platform } from './key-stroke.ts';

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

/** Keys that reach a focused element, told as key messages. Every key is the desktop's: the page and the browser get none that they can be kept from. */
export class Keyboard {
  readonly #target: HTMLElement;
  readonly #send: (message: KeyMessage) => void;
  readonly #stroke: KeyStroke;
  #detach: AbortController | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(target: HTMLElement, send: (message: KeyMessage) => void, platform: Platform = toPlatform(navigator.userAgent)) {
    this.#target = target;
    this.#send = send;
    this.#stroke = new KeyStroke(platform);
  }

  attach(): void {
    this.#detach ??= new AbortController();
    const { signal } = this.#detach;
    this.#target.addEventListener('keydown', (event) => this.#handle(event, this.#stroke.down(event)), { signal });
    this.#target.addEventListener('keyup', (event) => this.#handle(event, this.#stroke.up(event)), { signal });
  }

  detach(): void {
    this.#detach?.abort();
    this.#detach = undefined;
    this.forgetAll();
  }

  /** The desktop has let go of everything. */
  forgetAll(): void {
    clearTimeout(this.#settling);
    this.#stroke.forgetAll();
  }

  #handle(event: KeyboardEvent, messages: KeyMessage[]): void {
    event.preventDefault();
    event.stopPropagation();
    messages.forEach(this.#send);
    clearTimeout(this.#settling);
    if (this.#stroke.isUnsettled) this.#settling = setTimeout(() => this.#stroke.settle().forEach(this.#send), 2 * ALT_GR_MS);
  }
}

export function toPlatform(userAgent: string): Platform {
  if (/Mac OS|iPhone|iPad/.test(userAgent)) return 'mac';
  return /Windows/.test(userAgent) ? 'windows' : 'other';
}
