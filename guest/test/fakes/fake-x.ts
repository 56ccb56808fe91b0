import type { SpareKey } from '../../src/agent/input/keymap.ts';
import { PRELOADED } from '../../src/agent/input/keymap.ts';
import { MODIFIER_KEYS, PLAIN_KEYS, TYPING_KEYS } from '../../src/agent/input/us-keys.ts';

const SHIFTS = MODIFIER_KEYS.filter(([, , , modifier]) => modifier === 'Shift').map(([, keycode]) => keycode);

/** What a program on the desktop would see: key codes and the keymap become key syms, with the modifiers that are down. */
export class FakeX {
  /** Texts that the clipboard had, in order. */
  readonly clipboards: string[] = [];
  size = { width: 1280, height: 720 };
  behind = false;
  /** Each key press: its key sym, and the modifier keys that were down. */
  presses: { keysym: number; modifiers: number[] }[] = [];
  /** All words, line by line. */
  lines: string[] = [];
  remaps: SpareKey[][] = [];
  readonly down = new Set<number>();
  readonly #spares = new Map<number, number>(PRELOADED.map(({ keycode, keysym }) => [keycode, keysym]));

  inject(words: string[]): void {
    this.lines.push(words.join(' '));
    const tokens = words.join(' ').split(' ');
    for (const [index, token] of tokens.entries()) {
      if (token === 'keydown') this.#press(Number(tokens[index + 3]));
      if (token === 'keyup') this.down.delete(Number(tokens[index + 3]));
    }
  }

  isBehind(): boolean {
    return this.behind;
  }

  async setClipboard(text: string): Promise<void> {
    this.clipboards.push(text);
  }

  async remap(keys: SpareKey[]): Promise<void> {
    this.remaps.push(keys);
    for (const { keycode, keysym } of keys) this.#spares.set(keycode, keysym);
  }

  get typed(): string {
    return this.presses.map(({ keysym }) => String.fromCodePoint(keysym >= 0x01000000 ? keysym - 0x01000000 : keysym)).join('');
  }

  #press(keycode: number): void {
    if (this.down.has(keycode)) return; // as X does
    this.down.add(keycode);
    const modifiers = MODIFIER_KEYS.filter(([, code]) => this.down.has(code)).map(([, , keysym]) => keysym);
    if (!MODIFIER_KEYS.some(([, code]) => code === keycode)) this.presses.push({ keysym: this.#toKeysym(keycode), modifiers });
  }

  #toKeysym(keycode: number): number {
    const plain = PLAIN_KEYS.find(([, code]) => code === keycode);
    if (plain) return plain[2];
    const typing = TYPING_KEYS.find(([, code]) => code === keycode);
    if (typing) return (SHIFTS.some((code) => this.down.has(code)) ? typing[3] : typing[2]).codePointAt(0)!;
    return this.#spares.get(keycode) ?? 0;
  }
}
