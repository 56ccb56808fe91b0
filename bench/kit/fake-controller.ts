import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildController } from '../../controller/build.ts';
import type { Booted } from '../../test/kit/fake-machines/light-driver.ts';
import type { Serving } from '../../test/kit/fake-machines/main.ts';

/** As the justfile has them. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--optimize-for-size'];
const ROOT = join(import.meta.dirname, '../..');
const COMPILED = join(ROOT, 'node_modules/.cache/compiled');
const MAIN = join(ROOT, 'test/kit/fake-machines/main.ts');
const START_MS = 30_000;
const STOP_MS = 120_000;

/** The controller with fake machines, bundled as the product is, and around it what the product has: gives its program. */
export async function bundleFakeMachines(dir = join(ROOT, 'bench/dist')): Promise<string> {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(dir, 'controller/viewer'), { recursive: true });
  for (const path of ['package.json', 'controller/viewer/dist']) symlinkSync(join(ROOT, path), join(dir, path));
  await buildController(join(dir, 'controller/dist'), MAIN);
  return join(dir, 'controller/dist/main.cjs');
}

/** A controller process with light fake machines; what it logs is in a file of its directory. */
export class FakeMachinesController {
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-bench-'));
  readonly #child: ChildProcess;

  constructor(program: string, env: Record<string, string>, nodeArgs: string[], onBoot: (booted: Booted) => void) {
    const log = openSync(join(this.dir, 'log'), 'w');
    this.#child = spawn(process.execPath, [...FLAGS, ...nodeArgs, program], {
      stdio: ['ignore', 'pipe', log, 'ipc'],
      env: {
        PATH: process.env.PATH!,
        NODE_COMPILE_CACHE: COMPILED,
        MALLOC_ARENA_MAX: '1',
        MALLOC_TRIM_THRESHOLD_: '131072',
        ORIEL_TEST_MACHINES: 'light',
        ORIEL_DATA_DIR: join(this.dir, 'data'),
        ORIEL_RUN_DIR: join(this.dir, 'run'),
        ORIEL_INSTANCE: 'oribench',
        ORIEL_PORT: '0',
        ORIEL_LOG_LEVEL: 'warn',
        ...env,
      },
    });
    this.#child.on('message', (message) => onBoot(message as Booted));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Where it serves. Throws with its last words when it ends before. */
  async serving(): Promise<Serving> {
    const signal = AbortSignal.timeout(START_MS);
    for await (const line of createInterface({ input: this.#child.stdout!, signal })) return JSON.parse(line) as Serving;
    throw new Error(`the controller does not serve; it said:\n${readFileSync(join(this.dir, 'log'), 'utf8').slice(-2000)}`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(STOP_MS) });
      this.#child.kill('SIGTERM');
      await ended.catch(() => this.#child.kill('SIGKILL'));
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
