import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from '../pace.ts';
import type { ServerImage } from './image.ts';
import { SERVER_NETWORK } from './network.ts';
import { planQemu, planSsh } from './plan.ts';

const BOOT_MS = 300_000 * PACE;
const COMMAND_MS = 60_000 * PACE;
/** Of what a command prints. */
const MOST_BYTES = 16 * 2 ** 20;

export interface ServerOptions {
  image: ServerImage;
  /** Files with a file system each, which the server has read-only as vdb, vdc …. */
  disks?: readonly string[];
  memoryMib?: number;
  cpus?: number;
}

export interface RunOptions {
  /** On a quiet machine, ms. */
  timeoutMs?: number;
  input?: string;
}

export interface Result {
  /** Exit code; 255 is ssh's own. */
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * A throw-away Debian server in QEMU, reached by ssh as an operator reaches it. What it writes is gone with it, and it ends with this
 * process, however that ends. Needs `makeServerNetwork` before.
 */
export class Server {
  readonly address = SERVER_NETWORK.address;
  readonly dir = mkdtempSync(join(tmpdir(), 'oriel-server-'));
  #vm: ChildProcess | undefined;
  #way: ChildProcess | undefined;

  /** Resolves when it can be worked on; nothing is left when it throws. */
  async boot(options: ServerOptions): Promise<void> {
    try {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', this.#key]);
      const argv = planQemu({ ...options, publicKey: readFileSync(`${this.#key}.pub`, 'utf8'), console: this.#console });
      this.#vm = spawnOwned(argv);
      const until = Date.now() + BOOT_MS;
      await this.#waitFor('sshd', until, hasSshd);
      this.#way = spawnOwned([...this.#ssh, '-M', '-N', this.#target]);
      await this.#waitFor('a way in', until, () => this.tryRun('true').then(({ code }) => code === 0));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Runs a shell's line as root. Throws when it does not end with 0 in time; the error has what it said. */
  async run(line: string, options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.tryRun(line, options);
    if (code === 0) return stdout;
    throw new Error(`on the server: ${line.slice(0, 200)}: ended with ${code}:\n${`${stdout}\n${stderr}`.trim().slice(-4000)}`);
  }

  /** The same, however it ends. */
  async tryRun(line: string, { timeoutMs = COMMAND_MS, input = '' }: RunOptions = {}): Promise<Result> {
    const child = spawnOwned([...this.#ssh, this.#target, line]);
    const [stdout, stderr] = [collect(child.stdout!), collect(child.stderr!)];
    child.stdin!.on('error', () => {}).end(input);
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs * PACE);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(late);
    if (signal) throw new Error(`on the server: ${line.slice(0, 200)}: not done after ${timeoutMs * PACE} ms:\n${stdout()}${stderr()}`);
    return { code: code!, stdout: stdout(), stderr: stderr() };
  }

  /** Writes a file, and the folders above it. */
  async write(path: string, text: string): Promise<void> {
    await this.run(`mkdir -p "$(dirname '${path}')" && cat >'${path}'`, { input: text });
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    for (const child of [this.#way, this.#vm]) {
      if (!child || child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** The last lines of its console. */
  get console(): string {
    return readFileSync(this.#console, 'utf8').split('\n').slice(-40).join('\n');
  }

  get #console(): string {
    return join(this.dir, 'console.log');
  }

  /** Private key of who may come in as root. */
  get identityFile(): string {
    return this.#key;
  }

  /** Words of an ssh that may come in as root, and takes the server for whoever it says it is. */
  get sshWords(): string[] {
    return this.#ssh;
  }

  get #key(): string {
    return join(this.dir, 'key');
  }

  get #target(): string {
    return `root@${this.address}`;
  }

  get #ssh(): string[] {
    return planSsh(this.#key, join(this.dir, 'ssh'));
  }

  async #waitFor(what: string, until: number, isThere: () => Promise<boolean>): Promise<void> {
    while (!(await isThere())) {
      if (this.#vm!.exitCode !== null) throw new Error(`QEMU ended with ${this.#vm!.exitCode} before ${what}:\n${this.console}`);
      if (Date.now() > until) throw new Error(`no ${what} after ${BOOT_MS} ms; the console's last lines:\n${this.console}`);
      await sleep(500);
    }
  }
}

/** A child that the kernel ends with this process. */
function spawnOwned(argv: readonly string[]): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += text.length < MOST_BYTES ? chunk : ''));
  return () => text;
}

/** Whether somebody who calls himself SSH is there. */
function hasSshd(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: SERVER_NETWORK.address, port: 22, timeout: 3_000 });
  socket.on('data', (data) => resolve(data.toString().startsWith('SSH-')));
  for (const event of ['error', 'timeout', 'close']) socket.on(event, () => resolve(false));
  return promise.finally(() => socket.destroy());
}
