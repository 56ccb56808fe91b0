import { PASTE_MAX, type InputEvent } from '#contract/input';

type Paste = Extract<InputEvent, { t: 'paste' }>;

/** Texts that are coming in pieces, by who sends them. Too much text is none: half of it would be something else. */
export class Pastes {
  readonly #coming = new Map<string, { pieces: string[]; length: number }>();

  /** The whole text, with its last piece; undefined before, and when there is none. */
  take(holder: string, { text, more }: Paste): Paste | undefined {
    const { pieces, length } = this.#coming.get(holder) ?? { pieces: [], length: 0 };
    const coming = { pieces, length: length + text.length };
    if (coming.length > PASTE_MAX) pieces.length = 0;
    else pieces.push(text);
    if (more) return void this.#coming.set(holder, coming);
    this.#coming.delete(holder);
    return coming.length > 0 && coming.length <= PASTE_MAX ? { t: 'paste', text: pieces.join(''), more: false } : undefined;
  }

  drop(holder: string): void {
    this.#coming.delete(holder);
  }
}
