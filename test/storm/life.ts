import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../kit/fake-machines/main.ts');
const SERVE_MS = 60_000;

/** One life of a controller process. What it logs goes to a file, which the lives of a storm share. */
export class Life {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(env: Record<string, string>, log: string) {
    this.#log = log;
    const file = openSync(log, 'a');
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
      env: { PATH: process.env.PATH!, ...env },
      // It kills itself when this process is gone: the channel tells it.
      stdio: ['ignore', 'pipe', file, 'ipc'],
    });
    closeSync(file);
    this.ended = once(this.#child, 'exit').then(
      ([code, signal]) => ({ code, signal }) as { code: number | null; signal: NodeJS.Signals | null },
    );
  }

  /** Resolves when it serves; false when it ended before. */
  async serves(): Promise<boolean> {
    const said = once(this.#child.stdout!, 'data', { signal: AbortSignal.timeout(SERVE_MS) }).then(() => true);
    return Promise.race([said, this.ended.then(() => false)]);
  }

  /** True when it ended by then. */
  async endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
    const ended = await Promise.race([this.ended.then(() => true), late]);
    timer.abort();
    return ended;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  /** In order; its exit code, null when it had to be killed after `limitMs`. */
  async stop(limitMs: number): Promise<number | null> {
    this.#child.kill('SIGTERM');
    if (!(await this.endsWithin(limitMs))) await this.kill();
    return (await this.ended).code;
  }

  get lastWords(): string {
    return readFileSync(this.#log, 'utf8').slice(-3000);
  }
}
