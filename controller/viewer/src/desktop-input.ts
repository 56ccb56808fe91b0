import type { InputEvent, Keysym, PointerMove } from '#contract/input';
import type { Point } from './input/desktop-point.ts';
import { Keyboard } from './input/keyboard.ts';
import { Pointer } from './input/pointer.ts';
import { StickyKeys } from './input/sticky-keys.ts';
import type { Shell } from './shell.ts';
import { ScreenKeys } from './toolbar/screen-keys.ts';

export type InputSink = {
  toDesktop: (event: { clientX: number; clientY: number }) => Point | undefined;
  toMotion: (event: { movementX: number; movementY: number }) => Point | undefined;
  move: (message: PointerMove) => void;
  input: (message: InputEvent) => void;
};

/** Mouse on the surface, keys in the text field behind it. Whatever takes the focus away makes the desktop let go of all keys and buttons. */
export class DesktopInput {
  readonly #shell: Shell;
  readonly #keys: HTMLElement;
  readonly #sink: InputSink;
  readonly #pointer: Pointer;
  readonly #keyboard: Keyboard;
  readonly #sticky = new StickyKeys();
  readonly #screenKeys: ScreenKeys;
  #detach: AbortController | undefined;
  /** Something was sent since everything was let go. */
  #isTouched = false;

  constructor(shell: Shell, sink: InputSink) {
    const { surface, keys } = shell;
    this.#shell = shell;
    this.#keys = keys;
    this.#sink = sink;
    const send = (message: InputEvent) => this.#send(message);
    this.#pointer = new Pointer(surface, {
      toDesktop: sink.toDesktop,
      toMotion: sink.toMotion,
      move: sink.move,
      send,
      focus: () => keys.focus({ preventScroll: true }),
    });
    this.#keyboard = new Keyboard(keys, send);
    this.#screenKeys = new ScreenKeys({
      show: (isShown) => (this.#keyboard.isOnScreen = isShown),
      tap: (keysym) => [true, false].forEach((down) => send({ t: 'key', keysym, down })),
      toggle: (keysym) => this.#tell(this.#sticky.toggle(keysym)),
      isHeld: (keysym: Keysym) => this.#sticky.has(keysym),
    });
  }

  attach(): void {
    this.#detach ??= new AbortController();
    const { signal } = this.#detach;
    const release = () => this.release();
    this.#pointer.attach();
    this.#keyboard.attach();
    this.#screenKeys.attach(this.#shell, signal);
    this.#keys.addEventListener('blur', release, { signal });
    window.addEventListener('blur', release, { signal });
    window.addEventListener('pagehide', release, { signal });
    document.addEventListener('visibilitychange', () => document.hidden && release(), { signal });
  }

  detach(): void {
    this.release();
    this.#detach?.abort();
    this.#detach = undefined;
    this.#pointer.detach();
    this.#keyboard.detach();
  }

  release(): void {
    if (this.#isTouched) this.#sink.input({ t: 'release' });
    this.forgetAll();
  }

  /** Text for the desktop's clipboard. */
  paste(text: string): void {
    this.#keyboard.paste(text);
  }

  /** The connection is gone, and with it whatever was held. */
  forgetAll(): void {
    this.#isTouched = false;
    this.#sticky.forgetAll();
    this.#screenKeys.render();
    this.#pointer.forgetAll();
    this.#keyboard.forgetAll();
  }

  #send(message: InputEvent): void {
    this.#tell([message, ...this.#sticky.after(message)]);
    this.#screenKeys.render();
  }

  #tell(messages: InputEvent[]): void {
    this.#isTouched = true;
    messages.forEach(this.#sink.input);
  }
}
