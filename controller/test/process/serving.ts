import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SCOPES } from '../../src/auth/access.ts';
import { toHash } from '../../src/auth/hash.ts';
import { openStore } from '../../src/store/store.ts';

/** `just bundle` makes it. */
const MAIN = join(import.meta.dirname, '../../dist/main.cjs');
const WORDS = ['--disable-warning=ExperimentalWarning', MAIN];
export const KEY = 'k'.repeat(43);

/** A directory for real controllers, with an API key in its database and no image. */
export class Home {
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-serve-'));
  readonly dataDir = join(this.dir, 'data');
  readonly database = join(this.dataDir, 'oriel.db');
  readonly #all: Serving[] = [];

  constructor() {
    mkdirSync(this.dataDir);
    const store = openStore(this.database, undefined, 5_000);
    store.keys.insert({ id: 'k', name: 'test', hash: toHash(KEY), owner: 'local', scopes: SCOPES }, new Date().toISOString());
    store.close();
  }

  get #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      ORIEL_DATA_DIR: this.dataDir,
      ORIEL_RUN_DIR: join(this.dir, 'run'),
      ORIEL_IMAGE_DIR: join(this.dir, 'images'),
      ORIEL_INSTANCE: 'orielsv',
      ORIEL_DRIVER: 'container',
      ORIEL_PORT: '0',
    };
  }

  /** Starts the program, which serves; `by` a program that becomes it. */
  serve(by: string[] = []): Serving {
    const [file, ...words] = [...by, process.execPath, ...WORDS] as [string, ...string[]];
    const serving = new Serving(spawn(file, words, { cwd: this.dir, env: this.#env, stdio: ['ignore', 'ignore', 'pipe'] }));
    this.#all.push(serving);
    return serving;
  }

  /** What goes on without a controller, as its egress process does, is ended as an operator ends it. */
  async remove(): Promise<void> {
    for (const serving of this.#all) await serving.end();
    execFileSync(process.execPath, [...WORDS, 'down'], { env: this.#env, stdio: 'pipe', timeout: 30_000 });
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** One controller's process. */
export class Serving {
  /** What it logged. */
  said = '';
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr!.setEncoding('utf8').on('data', (text: string) => void (this.said += text));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Where it serves, once it does. */
  async url(): Promise<string> {
    const [, url] = await this.until(/controller serves at (http:\/\/[0-9.:]+)/);
    return url!;
  }

  async until(pattern: RegExp, timeoutMs = 20_000): Promise<RegExpExecArray> {
    for (const end = Date.now() + timeoutMs; Date.now() < end && this.isRunning; await sleep(20)) {
      const found = pattern.exec(this.said);
      if (found) return found;
    }
    throw new Error(`${pattern}: not said; it said:\n${this.said.slice(-3000)}`);
  }

  countDescriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** The exit code of one that ends by itself. */
  async exit(): Promise<number | null> {
    if (this.isRunning) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  async end(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'close');
  }
}
