import type { InputEvent } from '#contract/input';
import { isPasteKey, toPasteMessages } from './paste.ts';
import { ALT_GR_MS, KeyStroke, type Platform } from './key-stroke.ts';
import { TextEntry } from './text-entry.ts';

type KeyMessage = Extract<InputEvent, { t: 'key' }>;
type Message = KeyMessage | Extract<InputEvent, { t: 'paste' }>;

/** A browser that is going to tell what is pasted does it while it handles the key. */
const PASTE_MS = 200;

/**
 * Keys that reach a text field which has the focus, told as key messages. Every key is the desktop's: the page and the browser get none
 * that they can be kept from, but for those that compose a text.
 */
export class Keyboard {
  readonly #target: HTMLTextAreaElement;
  readonly #entry: TextEntry;
  readonly #send: (message: Message) => void;
  readonly #stroke: KeyStroke;
  #detach: AbortController | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** The key that pastes, kept back until the desktop has the text. */
  #pasting: KeyMessage[] = [];
  #pasted: ReturnType<typeof setTimeout> | undefined;

  constructor(target: HTMLTextAreaElement, send: (message: Message) => void, platform: Platform = toPlatform(navigator.userAgent)) {
    this.#target = target;
    this.#send = send;
    this.#stroke = new KeyStroke(platform);
    this.#entry = new TextEntry(target, send);
  }

  attach(): void {
    this.#detach ??= new AbortController();
    const { signal } = this.#detach;
    this.#entry.attach(signal);
    this.#target.addEventListener('keydown', (event) => this.#onDown(event), { signal });
    // Browsers tell a paste to what is selected, which may be a text elsewhere in the page, and not to what has the focus.
    window.addEventListener('paste', (event) => this.#hasFocus && this.#onPaste(event), { signal, capture: true });
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
    clearTimeout(this.#pasted);
    this.#pasting = [];
    this.#stroke.forgetAll();
    this.#entry.forgetAll();
  }

  /** The device's own keyboard comes up with the focus, or does not. */
  set isOnScreen(isOnScreen: boolean) {
    this.#entry.isOnScreen = isOnScreen;
    // Some devices look at the field only when it gets the focus.
    this.#target.blur();
    this.#target.focus({ preventScroll: true });
  }

  /** For programs of the desktop to paste. */
  paste(text: string): void {
    toPasteMessages(text).forEach(this.#send);
  }

  get #hasFocus(): boolean {
    return (this.#target.getRootNode() as ShadowRoot).activeElement === this.#target;
  }

  #onPaste(event: ClipboardEvent): void {
    event.preventDefault();
    event.stopPropagation();
    this.paste(event.clipboardData?.getData('text/plain') ?? '');
    this.#flush();
  }

  /** The key that was kept back. */
  #flush(): void {
    clearTimeout(this.#pasted);
    this.#pasting.splice(0).forEach(this.#send);
  }

  #onDown(event: KeyboardEvent): void {
    if (this.#entry.takes(event)) event.stopPropagation();
    else this.#handle(event, this.#stroke.down(event));
  }

  #handle(event: KeyboardEvent, messages: KeyMessage[]): void {
    event.stopPropagation();
    this.#flush();
    if (event.type === 'keydown' && isPasteKey(event)) {
      this.#pasting = messages;
      this.#pasted = setTimeout(() => this.#flush(), PASTE_MS);
      return;
    }
    event.preventDefault();
    messages.forEach(this.#send);
    clearTimeout(this.#settling);
    if (this.#stroke.isUnsettled) this.#settling = setTimeout(() => this.#stroke.settle().forEach(this.#send), 2 * ALT_GR_MS);
  }
}

export function toPlatform(userAgent: string): Platform {
  if (/Mac OS|iPhone|iPad/.test(userAgent)) return 'mac';
  return /Windows/.test(userAgent) ? 'windows' : 'other';
}
