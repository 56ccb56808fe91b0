import type { ControlEvent } from '#contract/input';

type Piece = Extract<ControlEvent, { t: 'copied' }>;

/** What a program of the desktop has copied. */
export type Copied = { kind: 'text'; text: string } | { kind: 'image'; image: Blob };

/** Of characters: what the guest sends at most, a picture as base64, and no more. */
const MOST = 6 * 2 ** 20;

/** Puts together what comes in pieces. The guest is not trusted to keep to the rules: what breaks them is dropped. */
export class CopiedPieces {
  #pieces: string[] = [];
  #length = 0;
  #kind: Piece['kind'] | undefined;

  /** What was copied, with its last piece. */
  take({ kind, data, first, more }: Piece): Copied | undefined {
    if (first) [this.#pieces, this.#length, this.#kind] = [[], 0, kind];
    this.#length += data.length;
    if (kind !== this.#kind || this.#length > MOST) this.#kind = undefined;
    if (this.#kind === undefined) return void (this.#pieces = []);
    this.#pieces.push(data);
    if (more) return undefined;
    const whole = this.#pieces.join('');
    [this.#pieces, this.#kind] = [[], undefined];
    return kind === 'text' ? { kind, text: whole } : toImage(whole);
  }
}

function toImage(base64: string): Copied | undefined {
  try {
    return { kind: 'image', image: new Blob([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], { type: 'image/png' }) };
  } catch {
    return undefined;
  }
}
