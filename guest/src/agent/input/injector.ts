import type { InputEvent, PointerMove } from '#contract/input';
import { Pastes } from '../clipboard/pastes.ts';
import { Held } from './held.ts';
import type { SpareKey } from './keymap.ts';
import { Keyboard, releaseEverything, type KeyPlan } from './keyboard.ts';
import { buttonDown, buttonUp, moveBy, moveTo, turnWheel, type Button, type Size } from './words.ts';

/**
 * Chromium reads the new keymap a little after it was told that there is one, and takes keys by the old one until then. On a busy machine
 * that is later, as is the program that told X: so many times as long as it took are waited, within these limits.
 */
const REMAP_SETTLE_MS = { least: 30, most: 500, times: 2 };

/** Events that may wait: what a hand makes in a minute. Beyond it a viewer floods, and loses what it sends. */
const WAITING_MAX = 1000;

const BUTTONS: readonly Button[] = [1, 2, 3, 8, 9];

/** X as the injector sees it. */
export interface Display {
  size: Size;
  /** Hands words to the injecting process. */
  inject(words: string[]): void;
  /** True while the injecting process has not read what it was given. */
  isBehind(): boolean;
  /** Resolves when X knows of the keys. */
  remap(keys: SpareKey[]): Promise<void>;
  /** Resolves when the clipboard has the text. Never rejects. */
  setClipboard(text: string): Promise<void>;
}

type ButtonOrKey = Exclude<InputEvent, { t: 'paste' }>;

export interface InjectorOptions {
  display: Display;
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

/**
 * All viewers' input, in the order in which it came. Nearly everything is done at once; only a key that X has to be told of first
 * makes what comes after it wait.
 */
export class Injector {
  readonly #display: Display;
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<void>;
  #keyboard = new Keyboard();
  #buttons = new Held();
  #waiting: { holder: string; event: InputEvent }[] = [];
  #busy = false;
  readonly #pastes = new Pastes();

  constructor({
    display,
    now = () => performance.now(),
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }: InjectorOptions) {
    this.#display = display;
    this.#now = now;
    this.#sleep = sleep;
  }

  /** A move is dropped while others wait: the next one tells the place anyway. */
  move({ x, y }: PointerMove): void {
    if (!this.#busy && !this.#display.isBehind()) this.#display.inject([moveTo(x, y, this.#display.size)]);
  }

  handle(holder: string, event: InputEvent): void {
    // A long text comes in thousands of pieces: only the whole takes its turn.
    const whole = event.t === 'paste' ? this.#pastes.take(holder, event) : event;
    if (event.t === 'release') this.#pastes.drop(holder);
    if (!whole || (this.#waiting.length >= WAITING_MAX && event.t !== 'release')) return;
    this.#waiting.push({ holder, event: whole });
    if (!this.#busy) void this.#work();
  }

  /** X has its keymap anew, or this is a new life of the agent: from here on, nothing is held. */
  reset(): void {
    this.#keyboard.reset();
    this.#buttons.clear();
    this.#display.inject([...releaseEverything(), ...BUTTONS.map(buttonUp)]);
  }

  #plan(holder: string, event: ButtonOrKey): KeyPlan {
    switch (event.t) {
      case 'key':
        return event.down ? this.#keyboard.press(holder, event.keysym, this.#now()) : this.#keyboard.release(holder, event.keysym);
      case 'button':
        return toPlan(this.#planButton(holder, event));
      case 'wheel':
        return toPlan([...this.#goTo(event), ...turnWheel(event.dx, event.dy)]);
      case 'nudge':
        return toPlan([moveBy(event.dx, event.dy)]);
      case 'release':
        return this.#planRelease(holder);
    }
  }

  #planButton(holder: string, { button, down, ...place }: Extract<InputEvent, { t: 'button' }>): string[] {
    const there = this.#goTo(place);
    if (down) return this.#buttons.hold(holder, button) ? [...there, buttonDown(button)] : there;
    return this.#buttons.release(holder, button) ? [...there, buttonUp(button)] : there;
  }

  #goTo({ x, y }: { x?: number; y?: number }): string[] {
    return x === undefined || y === undefined ? [] : [moveTo(x, y, this.#display.size)];
  }

  #planRelease(holder: string): KeyPlan {
    const buttons = this.#buttons.heldBy(holder).filter((button) => this.#buttons.release(holder, button)) as Button[];
    const keys = this.#keyboard.releaseAll(holder);
    return { ...keys, words: [...keys.words, ...buttons.map(buttonUp)] };
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const { holder, event } = next;
      if (event.t === 'paste') {
        await this.#display.setClipboard(event.text);
        continue;
      }
      const { waitMs, remap, words } = this.#plan(holder, event);
      if (waitMs > 0) await this.#sleep(waitMs);
      if (remap.length > 0) await this.#remap(remap);
      if (words.length > 0) this.#display.inject(words);
    }
    this.#busy = false;
  }

  async #remap(keys: SpareKey[]): Promise<void> {
    const coming = this.#waiting.flatMap(({ event }) => (event.t === 'key' && event.down ? [event.keysym] : []));
    const begun = this.#now();
    await this.#display.remap([...keys, ...this.#keyboard.reserve(coming, begun)]);
    const { least, most, times } = REMAP_SETTLE_MS;
    await this.#sleep(Math.min(most, Math.max(least, times * (this.#now() - begun))));
  }
}

function toPlan(words: string[]): KeyPlan {
  return { waitMs: 0, remap: [], words };
}
