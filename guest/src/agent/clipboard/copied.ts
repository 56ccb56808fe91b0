import { spawn } from 'node:child_process';
import { COPIED_IMAGE_MAX, PASTE_MAX, type ControlEvent } from '#contract/input';
import { toReason, type Log } from '../log.ts';

export interface Copied {
  kind: 'text' | 'png';
  /** Text, or a PNG as base64. */
  data: string;
}

type Piece = Extract<ControlEvent, { t: 'copied' }>;

/** A program that says it has the selection may never hand it over. */
const TIMEOUT_MS = 2_000;
/** Between two readings: some programs set the selection anew with each letter that is marked. */
const GAP_MS = 250;
/** Characters in a message: as JSON a few times as much, and other messages of the channel come in between. */
const PIECE = 8_192;

export interface CopiedReaderOptions {
  env: NodeJS.ProcessEnv;
  log: Log;
  onCopied(copied: Copied): void;
  gapMs?: number;
}

/** Reads what a program of the desktop has copied, each time that it is told of news; one reading at a time. */
export class CopiedReader {
  readonly #options: CopiedReaderOptions;
  #hasNews = false;
  #isReading = false;
  /** What a viewer has put there is no news. */
  #own: string | undefined;

  constructor(options: CopiedReaderOptions) {
    this.#options = options;
  }

  /** A viewer puts this there. */
  expect(text: string): void {
    this.#own = text;
  }

  onNews(): void {
    this.#hasNews = true;
    if (!this.#isReading) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isReading = true;
    const { env, log, onCopied, gapMs = GAP_MS } = this.#options;
    while (this.#hasNews) {
      await new Promise((resolve) => setTimeout(resolve, gapMs));
      this.#hasNews = false;
      const copied = await readCopied(env).catch((error: unknown) => void log.warn({ reason: toReason(error) }, 'clipboard not read'));
      const isOwn = copied?.kind === 'text' && copied.data === this.#own;
      if (!copied || isOwn) continue;
      this.#own = undefined;
      onCopied(copied);
    }
    this.#isReading = false;
  }
}

/** The clipboard's text, or its picture when it has no text; undefined when it has neither, or too much. */
export async function readCopied(env: NodeJS.ProcessEnv): Promise<Copied | undefined> {
  const targets = String((await runXclip('TARGETS', 4_096, env)) ?? '').split('\n');
  if (targets.includes('UTF8_STRING')) {
    // A character is at most four bytes.
    const text = String((await runXclip('UTF8_STRING', 4 * PASTE_MAX, env)) ?? '');
    return text === '' || text.length > PASTE_MAX ? undefined : { kind: 'text', data: text };
  }
  const png = targets.includes('image/png') ? await runXclip('image/png', COPIED_IMAGE_MAX, env) : undefined;
  return png && png.length > 0 ? { kind: 'png', data: png.toString('base64') } : undefined;
}

export function toPieces({ kind, data }: Copied): Piece[] {
  const count = Math.ceil(data.length / PIECE);
  return Array.from({ length: count }, (_, index) => ({
    t: 'copied',
    kind,
    data: data.slice(index * PIECE, (index + 1) * PIECE),
    first: index === 0,
    more: index < count - 1,
  }));
}

/** What xclip says, or undefined when there is no such selection, or more of it than `maxBytes`. */
function runXclip(target: string, maxBytes: number, env: NodeJS.ProcessEnv): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn('xclip', ['-out', '-selection', 'clipboard', '-target', target], {
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0 && length <= maxBytes ? Buffer.concat(chunks) : undefined));
  });
}
