import type { InputEvent, Keysym } from '#contract/input';

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

/**
 * Which keys the desktop believes to be down, by `KeyboardEvent.code`: the key that goes up sends the keysym that went down, even
 * when Shift was let go in between and the browser now calls it something else. Returns the messages to send.
 */
export class HeldKeys {
  readonly #keysyms = new Map<string, Keysym>();

  /** A key that is down already repeats, with the keysym that it went down with: the desktop itself repeats nothing. */
  press(code: string, keysym: Keysym): KeyMessage[] {
    const held = this.#keysyms.get(code) ?? keysym;
    this.#keysyms.set(code, held);
    return [{ t: 'key', keysym: held, down: true }];
  }

  release(code: string): KeyMessage[] {
    const keysym = this.#keysyms.get(code);
    if (keysym === undefined) return [];
    this.#keysyms.delete(code);
    return [{ t: 'key', keysym, down: false }];
  }

  /** For keys whose release the browser will not tell. */
  tap(code: string, keysym: Keysym): KeyMessage[] {
    return [...this.press(code, keysym), ...this.release(code)];
  }

  has(code: string): boolean {
    return this.#keysyms.has(code);
  }

  forgetAll(): void {
    this.#keysyms.clear();
  }
}
