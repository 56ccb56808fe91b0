import { Held } from './held.ts';
import type { SpareKey } from './keymap.ts';
import { SpareKeys } from './spare-keys.ts';
import { LEFT_OUT, MODIFIER_KEYS, PLAIN_KEYS, SAME_AS, SPARE_KEYCODES, TYPING_KEYS, type Modifier } from './us-keys.ts';
import { keyDown, keyUp } from './words.ts';

/** What is to be done for one key event, in this order. */
export interface KeyPlan {
  /** Time that must pass first. */
  waitMs: number;
  /** Key syms that X must be told of first. */
  remap: SpareKey[];
  words: string[];
}

interface TypingKey {
  keycode: number;
  shifted: boolean;
  isLetter: boolean;
}

const TYPING = new Map<number, TypingKey>(TYPING_KEYS.flatMap(toTyping));
const PLAIN = new Map<number, number>(PLAIN_KEYS.map(([, keycode, keysym]) => [keysym, keycode]));
const MODIFIERS = new Map<number, { keycode: number; modifier: Modifier }>(
  MODIFIER_KEYS.map(([, keycode, keysym, modifier]) => [keysym, { keycode, modifier }]),
);
const SHIFT_KEYCODE = 50;
const NOTHING: KeyPlan = { waitMs: 0, remap: [], words: [] };

/**
 * The viewer tells key syms as *its* layout made them, and its modifier keys as keys of their own. So "/" comes with Shift held from
 * a German keyboard, and must be "/" on the US keyboard of the desktop, where Shift and that key make "?". What is pressed here is
 * always a key code that gives the key sym with the modifiers that are down at that moment:
 *
 *   the US key, as it is      when Shift is as that key needs it (nearly always), or a letter comes with Ctrl, Alt or Super
 *   the US key inside Shift   when it needs Shift and none is held ("A" with the viewer's Caps Lock on)
 *   a spare key               when Shift is held and must not be, and for all that a US keyboard lacks
 */
export class Keyboard {
  #held = new Held();
  /** Held key sym → the key code that was pressed for it: what a release lets go of. */
  #pressed = new Map<number, number>();
  #spares = new SpareKeys();

  press(holder: string, told: number, now: number): KeyPlan {
    const keysym = SAME_AS.get(told) ?? told;
    if (LEFT_OUT.has(keysym)) return NOTHING;
    if (!this.#held.hold(holder, keysym)) return this.#repeat(keysym);
    const plan = this.#planPress(keysym, now);
    if (plan === NOTHING) this.#held.release(holder, keysym);
    return plan;
  }

  release(holder: string, told: number): KeyPlan {
    const keysym = SAME_AS.get(told) ?? told;
    if (!this.#held.release(holder, keysym)) return NOTHING;
    return doWords(this.#letGo(keysym));
  }

  /** Lets go of all that this holder alone still holds. */
  releaseAll(holder: string): KeyPlan {
    const last = this.#held.heldBy(holder).filter((keysym) => this.#held.release(holder, keysym));
    return doWords(last.flatMap((keysym) => this.#letGo(keysym)));
  }

  /**
   * Spare keys, ahead of their time, for those of the key syms to come that need one: X and all programs are told once for all.
   * Only what can be had without waiting.
   */
  reserve(told: readonly number[], now: number): SpareKey[] {
    const lacking = [...new Set(told.map((keysym) => SAME_AS.get(keysym) ?? keysym))].filter((keysym) => !isOnKeyboard(keysym));
    return this.#spares.reserve(lacking, now, (code) => this.#isPressed(code));
  }

  /** X knows nothing of what was held (it has just started, with the preloaded keymap). */
  reset(): void {
    this.#held.clear();
    this.#pressed.clear();
    this.#spares = new SpareKeys();
  }

  #planPress(keysym: number, now: number): KeyPlan {
    const direct = MODIFIERS.get(keysym)?.keycode ?? PLAIN.get(keysym);
    if (direct !== undefined) return doWords(this.#down(keysym, direct));
    const typing = TYPING.get(keysym);
    if (!typing) return this.#planSpare(keysym, now);
    const shift = this.#holds('Shift');
    if (typing.shifted === shift || (typing.isLetter && this.#commands())) return doWords(this.#down(keysym, typing.keycode));
    if (shift) return this.#planSpare(keysym, now);
    return doWords([keyDown(SHIFT_KEYCODE), ...this.#down(keysym, typing.keycode), keyUp(SHIFT_KEYCODE)]);
  }

  #planSpare(keysym: number, now: number): KeyPlan {
    const known = this.#spares.find(keysym, now);
    if (known !== undefined) return doWords(this.#down(keysym, known));
    const spare = this.#spares.assign(keysym, now, (code) => this.#isPressed(code));
    if (!spare) return NOTHING; // nobody has so many fingers
    const { waitMs, keycode } = spare;
    return { waitMs, remap: [{ keycode, keysym }], words: this.#down(keysym, keycode) };
  }

  /** A key that types comes again and again while it is held: the viewer's own repeat, X's is off. */
  #repeat(keysym: number): KeyPlan {
    const keycode = this.#pressed.get(keysym);
    if (keycode === undefined || MODIFIERS.has(keysym)) return NOTHING;
    return doWords([keyUp(keycode), keyDown(keycode)]);
  }

  /** "a" and "A" share a key: whoever holds the other one loses it. */
  #down(keysym: number, keycode: number): string[] {
    const words = this.#isPressed(keycode) ? [keyUp(keycode)] : [];
    for (const [other, code] of this.#pressed) if (code === keycode) this.#pressed.delete(other);
    this.#pressed.set(keysym, keycode);
    return [...words, keyDown(keycode)];
  }

  #letGo(keysym: number): string[] {
    const keycode = this.#pressed.get(keysym);
    if (keycode === undefined) return [];
    this.#pressed.delete(keysym);
    return [keyUp(keycode)];
  }

  #isPressed(keycode: number): boolean {
    return [...this.#pressed.values()].includes(keycode);
  }

  #holds(modifier: Modifier): boolean {
    return [...MODIFIERS].some(([keysym, key]) => key.modifier === modifier && this.#held.has(keysym));
  }

  #commands(): boolean {
    return this.#holds('Control') || this.#holds('Mod1') || this.#holds('Mod4');
  }
}

/** Lets go of all that an earlier life of the agent may have left down. X ignores it for what is up. */
export function releaseEverything(): string[] {
  const keycodes = [...MODIFIER_KEYS, ...PLAIN_KEYS, ...TYPING_KEYS].map(([, keycode]) => keycode);
  return [...keycodes, ...SPARE_KEYCODES].map(keyUp);
}

function isOnKeyboard(keysym: number): boolean {
  return MODIFIERS.has(keysym) || PLAIN.has(keysym) || TYPING.has(keysym) || LEFT_OUT.has(keysym);
}

function toTyping([, keycode, plain, shifted]: (typeof TYPING_KEYS)[number]): [number, TypingKey][] {
  const isLetter = /[a-z]/.test(plain);
  return [
    [plain.codePointAt(0)!, { keycode, shifted: false, isLetter }],
    [shifted.codePointAt(0)!, { keycode, shifted: true, isLetter }],
  ];
}

function doWords(words: string[]): KeyPlan {
  return { waitMs: 0, remap: [], words };
}
