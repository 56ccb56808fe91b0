import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from './pace.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What `just up` runs: `just bundle` makes it. */
const MAIN = ['--disable-warning=ExperimentalWarning', 'controller/dist/main.cjs'];

/** `oriel up` as a child process with directories of its own. Only the images are shared with the host. */
export class Oriel {
  readonly instance: string;
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-e2e-'));
  /** Everything that it printed. */
  output = '';
  /** Of that, what it logged, and what it was asked to show. */
  log = '';
  shown = '';
  #child: ChildProcess | undefined;
  /** Whether it is one that leaves its desktops to the next. */
  #leaves = false;
  readonly #env: NodeJS.ProcessEnv;

  constructor({ instance = 'orie2e', env = {} }: { instance?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.instance = instance;
    this.#env = env;
  }

  /** Starts it; resolves with the link once the desktop is ready. */
  async start(
    timeoutMs = 60_000 * PACE,
  ): Promise<{ link: string; origin: string; sessionId: string; viewerToken: string; apiKey: string }> {
    this.#spawn('up');
    const link = await this.waitForOutput(/(http:\/\/\S+)\/desktop\?session=(s-[a-z2-7]+)\S*#token=(\S+)/, timeoutMs);
    const [, apiKey] = await this.waitForOutput(/token[^\n]*?: *(\S{20,})/, timeoutMs);
    return { link: link[0], origin: link[1]!, sessionId: link[2]!, viewerToken: link[3]!, apiKey: apiKey! };
  }

  /** Ends it with this signal; resolves when it is gone. Its desktops go on, but for those that an `up` ends itself. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ended = once(this.#child!, 'exit');
    this.#child!.kill(signal);
    await ended;
  }

  /** Starts another one in its place, with no session of its own; resolves when it serves. */
  async startAgain(timeoutMs = 20_000 * PACE): Promise<void> {
    const seen = this.output.length;
    this.#spawn('serve');
    this.#leaves = true;
    await this.waitForOutput(/controller serves at/, timeoutMs, seen);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Waits for a text in what it prints. An exit in between is an error that shows the end of the output. */
  async waitForOutput(pattern: RegExp, timeoutMs: number, from = 0): Promise<RegExpExecArray> {
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(20)) {
      const found = pattern.exec(this.output.slice(from));
      if (found) return found;
      if (this.#child!.exitCode !== null) break;
    }
    throw new Error(`${pattern}: not printed (exit code ${this.#child!.exitCode}); it said:\n${this.output.slice(-3000)}`);
  }

  /** Ctrl-C, and the exit code. Kills it after `timeoutMs`, which is an error. The desktops of one that leaves them end, too. */
  async interrupt(timeoutMs = 30_000 * PACE): Promise<number | null> {
    const child = this.#child;
    if (child && this.#leaves) execFileSync(process.execPath, [...MAIN, 'down'], this.#options);
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill('SIGINT');
    const late = sleep(timeoutMs, 'late' as const, { ref: false });
    if ((await Promise.race([ended, late])) === 'late') {
      child.kill('SIGKILL');
      throw new Error(`Ctrl-C: still there after ${timeoutMs} ms; it said:\n${this.output.slice(-2000)}`);
    }
    return child.exitCode;
  }

  get #options() {
    return {
      cwd: ROOT,
      env: {
        ...process.env,
        ORIEL_TEST_FD: undefined,
        ORIEL_TEST_NAME: undefined,
        ORIEL_DATA_DIR: join(this.dir, 'data'),
        ORIEL_RUN_DIR: join(this.dir, 'run'),
        ORIEL_IMAGE_DIR: process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images',
        ORIEL_INSTANCE: this.instance,
        // Whatever else this machine does: what a test starts is to run.
        ORIEL_CPU_PRESSURE_MOST: '100',
        // Tests know places on a desktop of 1280 × 720; that it follows its viewer is test/e2e/size's own business.
        ORIEL_DISPLAY_RESIZE: '0',
        ...this.#env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    } satisfies SpawnOptions;
  }

  #spawn(verb: 'up' | 'serve'): void {
    const child = (this.#child = spawn(process.execPath, [...MAIN, verb], this.#options));
    for (const stream of [child.stdout, child.stderr]) stream!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    child.stderr!.on('data', (text: string) => (this.log += text));
    child.stdout!.on('data', (text: string) => (this.shown += text));
  }

  removeFiles(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
