import type { Keysym } from '#contract/input';
import { build, type Shell } from '../shell.ts';
import { STRINGS } from '../strings.ts';

const WORDS = STRINGS.keys;

/** Keys that on-screen keyboards lack: modifiers stay down until the next key. */
const MODIFIERS: readonly (readonly [label: string, keysym: Keysym])[] = [
  [WORDS.control, 0xffe3],
  [WORDS.alt, 0xffe9],
  [WORDS.shift, 0xffe1],
];
const PLAIN: readonly (readonly [label: string, keysym: Keysym, name?: string])[] = [
  [WORDS.escape, 0xff1b],
  [WORDS.tab, 0xff09],
  ['←', 0xff51, WORDS.left],
  ['↑', 0xff52, WORDS.up],
  ['↓', 0xff54, WORDS.down],
  ['→', 0xff53, WORDS.right],
];

export type ScreenKeysSink = {
  /** The on-screen keyboard of the device is wanted, or not. */
  show: (isShown: boolean) => void;
  tap: (keysym: Keysym) => void;
  toggle: (keysym: Keysym) => void;
  isHeld: (keysym: Keysym) => boolean;
};

/** A button for the device's own keyboard, where there are fingers, and above the bar a row of the keys that it lacks. */
export class ScreenKeys {
  readonly button = build('button', { type: 'button', 'aria-pressed': 'false' }, WORDS.title);
  readonly #row = build('div', { class: 'keys-row', role: 'group', 'aria-label': WORDS.more, hidden: '' });
  readonly #modifiers: (readonly [HTMLButtonElement, Keysym])[];
  readonly #sink: ScreenKeysSink;

  constructor(sink: ScreenKeysSink) {
    this.#sink = sink;
    this.#modifiers = MODIFIERS.map(([label, keysym]) => [build('button', { type: 'button', 'aria-pressed': 'false' }, label), keysym]);
    this.#row.append(...this.#modifiers.map(([button]) => button));
  }

  attach({ stage, minimiseButton }: Shell, signal: AbortSignal): void {
    const fingers = matchMedia('(any-pointer: coarse)');
    const follow = () => (this.button.hidden = !fingers.matches);
    follow();
    fingers.addEventListener('change', follow, { signal });
    this.#on(this.button, () => this.#show(!!this.#row.hidden), signal);
    for (const [button, keysym] of this.#modifiers) this.#on(button, () => this.#sink.toggle(keysym), signal);
    const plain = PLAIN.map(([label, keysym, name = label]) => {
      const button = build('button', { type: 'button', 'aria-label': name }, label);
      this.#on(button, () => this.#sink.tap(keysym), signal);
      return button;
    });
    this.#row.append(...plain);
    minimiseButton.before(this.button);
    stage.append(this.#row);
    const remove = () => [this.button, this.#row, ...plain].forEach((one) => one.remove());
    signal.addEventListener('abort', remove, { once: true });
  }

  /** After each key: which modifiers are down. */
  render(): void {
    for (const [button, keysym] of this.#modifiers) button.setAttribute('aria-pressed', String(this.#sink.isHeld(keysym)));
  }

  #show(isShown: boolean): void {
    this.#row.hidden = !isShown;
    this.button.setAttribute('aria-pressed', String(isShown));
    this.#sink.show(isShown);
  }

  /** The desktop keeps the focus, or the keyboard would go at each touch. */
  #on(button: HTMLButtonElement, act: () => void, signal: AbortSignal): void {
    button.addEventListener('pointerdown', (event) => event.preventDefault(), { signal });
    button.addEventListener('mousedown', (event) => event.preventDefault(), { signal });
    button.addEventListener('click', () => (act(), this.render()), { signal });
  }
}
