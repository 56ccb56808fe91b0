import type { InputEvent, Keysym } from '#contract/input';

type KeyMessage = Extract<InputEvent, { t: 'key' }>;

/** Modifiers of a touched keyboard: held from one touch to the end of the next key, as two fingers would hold them. */
export class StickyKeys {
  readonly #held = new Set<Keysym>();

  has(keysym: Keysym): boolean {
    return this.#held.has(keysym);
  }

  toggle(keysym: Keysym): KeyMessage[] {
    if (this.#held.delete(keysym)) return [{ t: 'key', keysym, down: false }];
    this.#held.add(keysym);
    return [{ t: 'key', keysym, down: true }];
  }

  /** What follows on a message that was sent: the end of a key is theirs, too. */
  after(message: InputEvent): KeyMessage[] {
    if (message.t !== 'key' || message.down || this.#held.size === 0) return [];
    const up = [...this.#held].map((keysym) => ({ t: 'key', keysym, down: false }) as const);
    this.#held.clear();
    return up;
  }

  forgetAll(): void {
    this.#held.clear();
  }
}
