import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findUnready, type Ended, type Host } from '../../infra/host/host.ts';
import { toLayout, type Layout } from '../../infra/host/layout.ts';

/** As the unit has them (infra/systemd/oriel.service). */
const STOP_MS = 30_000;
const START_MS = 120_000;

/**
 * A host whose systemd is this: it begins and ends the one process that the placed unit names, with its variables. Everything else of an
 * upgrade is the real thing: releases, links, the program, its signals, what it answers.
 */
export class ProcessHost implements Host {
  readonly root = mkdtempSync(join(tmpdir(), 'oriel-process-host-'));
  readonly layout: Layout = toLayout(this.root);
  readonly said: string[] = [];
  /** Everything that its controllers logged. */
  log = '';
  /** Of the last restart: until the old one had ended, and until the new one served, ms. */
  restart = { stopMs: 0, startMs: 0 };
  #child: ChildProcess | undefined;
  readonly #env: Record<string, string>;

  /** `env`: what its controllers are told beside where this host's folders are. */
  constructor(env: Record<string, string>) {
    this.#env = env;
    mkdirSync(this.layout.releases, { recursive: true });
  }

  /** Text of the controller's variables. */
  get variables(): string {
    const { data, images, kernels } = this.layout;
    const places = { ORIEL_DATA_DIR: data, ORIEL_IMAGE_DIR: images, ORIEL_KERNEL_DIR: kernels, ORIEL_RUN_DIR: join(this.root, 'run') };
    return Object.entries({ ...places, ...this.#env })
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  }

  async run(argv: readonly string[]): Promise<Ended> {
    const line = argv.join(' ');
    const ended = { code: 0, stdout: '', stderr: '' };
    if (line === 'systemctl restart oriel') return (await this.#stop(), { ...ended, ...(await this.#start()) });
    if (line === 'systemctl disable --now oriel') await this.#stop();
    else if (line.startsWith('systemctl show')) return { ...ended, stdout: `${this.#child?.pid ?? 0}\n` };
    else if (line.startsWith('journalctl')) return { ...ended, stdout: this.log.split('\n').slice(-20).join('\n') };
    else if (!['systemctl daemon-reload', 'systemctl enable oriel'].includes(line)) return { ...ended, code: 1, stderr: `no ${line} here` };
    return ended;
  }

  findUnready(origin: string, release: string): Promise<string> {
    return findUnready(this, origin, release);
  }

  say(line: string): void {
    this.said.push(line);
  }

  /** One of Oriel's commands, of the release that runs. Gives what it printed. */
  oriel(...words: string[]): string {
    return execFileSync(join(this.layout.current, 'bin/oriel'), words, {
      encoding: 'utf8',
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Ends all desktops and the controller, and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child) this.oriel('down');
    await this.#stop();
    rmSync(this.root, { recursive: true });
  }

  async #stop(): Promise<void> {
    const [child, since] = [this.#child, performance.now()];
    this.#child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(late);
      if (child.signalCode) this.say(`killed: it did not end within ${STOP_MS} ms`);
    }
    this.restart.stopMs = performance.now() - since;
  }

  /** Resolves when it serves, as systemd does which it tells so. */
  async #start(): Promise<Partial<Ended>> {
    const since = performance.now();
    const [file, ...words] = this.#execStart;
    const child = (this.#child = spawn(file!, words, { env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] }));
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => ((said += text), (this.log += text)));
    while (!said.includes('controller serves at')) {
      if (child.exitCode !== null || child.signalCode !== null)
        return { code: 1, stderr: `it ended with ${child.exitCode ?? child.signalCode}` };
      if (performance.now() - since > START_MS) return { code: 1, stderr: 'it does not serve' };
      await sleep(5);
    }
    this.restart.startMs = performance.now() - since;
    return {};
  }

  get #execStart(): string[] {
    const unit = readFileSync(join(this.layout.units, 'oriel.service'), 'utf8');
    return /^ExecStart=(.*)$/m.exec(unit)![1]!.replaceAll('/opt/oriel/current', this.layout.current).split(' ');
  }

  get #environment(): NodeJS.ProcessEnv {
    const variables = readFileSync(this.layout.env, 'utf8').split('\n').filter(Boolean);
    const given = Object.fromEntries(variables.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    return {
      PATH: process.env.PATH,
      MALLOC_ARENA_MAX: '1',
      MALLOC_TRIM_THRESHOLD_: '131072',
      NODE_COMPILE_CACHE: join(this.root, 'compiled'),
      ...given,
    };
  }
}
