/** As much of what a tool said last as is kept, characters. */
const KEPT = 16_384;

/** Control sequences of terminals: CSI, OSC (links have the address in them: it is in the text, too), and the short ones. */
const SEQUENCES = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x08\x0b-\x1f\x7f]/g;

/** What a tool wrote to its terminal, as a person reads it. */
export class TerminalText {
  #raw = '';

  add(chunk: string): void {
    this.#raw = `${this.#raw}${chunk}`.slice(-KEPT);
  }

  clear(): void {
    this.#raw = '';
  }

  get text(): string {
    return toPlain(this.#raw);
  }

  /** The last lines that say anything. */
  lastLines(most: number): string[] {
    const lines = this.text.split('\n').map((line) => line.trimEnd());
    return lines.filter(Boolean).slice(-most);
  }

  /** The first address that fits, also where the tool has broken it at the terminal's edge. */
  findUrl(pattern: string, columns: number): string | undefined {
    return new RegExp(pattern).exec(joinBroken(this.text, columns))?.[0];
  }
}

export function toPlain(raw: string): string {
  return raw.replace(SEQUENCES, '');
}

/** A line that is just as wide as the terminal was broken there, and goes on in the next one. */
export function joinBroken(text: string, columns: number): string {
  return text
    .split('\n')
    .map((line) => ([columns, columns - 1].includes(line.length) && !line.endsWith(' ') ? line : `${line}\n`))
    .join('')
    .slice(0, -1);
}
