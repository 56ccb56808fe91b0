export type Unit = 'bytes' | 'items';

export interface Step {
  /** How far: out of `total`. */
  update(done: number, total: number, unit: Unit): void;
  /** A word on what goes on, where there is no measure. */
  note(text: string): void;
}

/** Tells a person what goes on. */
export interface Progress {
  /** Runs one step and says what it is, how far it is, and how long it took. */
  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T>;
  say(text: string): void;
}

const FRAME_MS = 120;

/** On a terminal one line that lives; elsewhere a line at the start and one at the end of each step. */
export function toProgress(out: NodeJS.WriteStream = process.stdout): Progress {
  return {
    step: (title, work) => (out.isTTY ? runLive(out, title, work) : runPlain(out, title, work)),
    say: (text) => void out.write(`${text}\n`),
  };
}

async function runPlain<T>(out: NodeJS.WriteStream, title: string, work: (step: Step) => Promise<T>): Promise<T> {
  const start = performance.now();
  out.write(`${title} …\n`);
  const result = await work({ update: () => {}, note: () => {} });
  out.write(`${title}: ${toSeconds(performance.now() - start)}\n`);
  return result;
}

async function runLive<T>(out: NodeJS.WriteStream, title: string, work: (step: Step) => Promise<T>): Promise<T> {
  const start = performance.now();
  let detail = '';
  const draw = (end = '') =>
    out.write(`\r\x1b[2K${`${title} ${toSeconds(performance.now() - start)} ${detail}`.slice(0, (out.columns || 80) - 1)}${end}`);
  const timer = setInterval(draw, FRAME_MS);
  try {
    const result = await work({ update: (done, total, unit) => (detail = toDetail(done, total, unit)), note: (text) => (detail = text) });
    detail = '';
    return result;
  } finally {
    clearInterval(timer);
    draw('\n');
  }
}

export function toDetail(done: number, total: number, unit: Unit): string {
  const percent = total ? Math.floor((done / total) * 100) : 0;
  return unit === 'bytes' ? `${percent} % of ${toMegabytes(total)}` : `${done} of ${total}`;
}

export function toMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

export function toSeconds(ms: number): string {
  return ms < 59_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
}
