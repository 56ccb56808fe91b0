import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut: a guest writes what it likes. */
const LINE_MAX = 8_192;
/** conmon's k8s-file: time, stream, F for a full line or P for a part of one that goes on, text. */
const K8S_LINE = /^\d{4}-\d\d-\d\dT\S+ (stdout|stderr) ([FP]) (.*)$/s;

/** Takes a console file in pieces, gives plain lines. Knows conmon's k8s-file by its looks; anything else is lines already. */
export class ConsoleLines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #parts: Record<string, string> = {};

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: string | Buffer): void {
    const text = this.#rest + (typeof chunk === 'string' ? chunk : this.#decoder.write(chunk));
    const lines = text.split('\n');
    this.#rest = lines.pop()!.slice(0, LINE_MAX * 2);
    for (const line of lines) this.#take(line);
  }

  /** No more comes: what has no end of line yet is a line, too. */
  end(): void {
    if (this.#rest !== '') this.#take(this.#rest);
    this.#rest = '';
    for (const stream of Object.keys(this.#parts)) this.#give(stream, '');
  }

  #take(line: string): void {
    const [, stream, tag, text] = K8S_LINE.exec(line) ?? [];
    if (stream === undefined) this.#onLine(clean(line));
    else if (tag === 'F') this.#give(stream, text!);
    else this.#parts[stream] = ((this.#parts[stream] ?? '') + text!).slice(0, LINE_MAX);
  }

  #give(stream: string, text: string): void {
    const before = this.#parts[stream] ?? '';
    delete this.#parts[stream];
    this.#onLine(clean(before + text));
  }
}

function clean(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)}…` : text;
}
