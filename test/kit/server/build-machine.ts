import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKernelStandIn } from '../kernel-stand-in.ts';
import type { Result, Server } from './server.ts';

/**
 * The machine at which an operator sits: a folder, a shell that remembers what was set in it, an ssh that knows the server. What stands
 * for `just` here can `just release --out DIR` alone, of the tree that it is told, as it is.
 */
export class BuildMachine {
  readonly dir: string;

  constructor(server: Server, tree: string) {
    this.dir = join(server.dir, 'here');
    mkdirSync(join(this.dir, 'bin'), { recursive: true });
    this.#makeProgram('ssh', `exec ${server.sshWords.map((word) => `'${word}'`).join(' ')} "$@"`);
    this.#makeProgram(
      'just',
      `[ "$1" = release ] && shift && exec '${process.execPath}' "$(cat '${this.#tree}')/infra/release/main.ts" make --allow-changes "$@"`,
    );
    makeKernelStandIn(join(this.dir, '.kernels'));
    writeFileSync(this.#state, '');
    this.useTree(tree);
  }

  /** The tree that releases are made of from now on. */
  useTree(path: string): void {
    writeFileSync(this.#tree, path);
  }

  /** Runs lines of a shell, which are in the state that those before them left. */
  async run(lines: string, timeoutMs: number): Promise<Result> {
    const script = `set -euo pipefail\n. '${this.#state}'\nset -a\n${lines}\nset +a\nexport -p >'${this.#state}'\n`;
    const child = spawn('bash', ['-c', script], { cwd: this.dir, env: this.#env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    const late = setTimeout(() => kill(child), timeoutMs);
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(late);
    return { code: code ?? 1, stdout: stdout(), stderr: signal ? `${stderr()}\nnot done after ${timeoutMs} ms` : stderr() };
  }

  /** What a variable of its shell is. */
  read(name: string): string {
    return new RegExp(`^declare -x ${name}="(.*)"$`, 'm').exec(readFileSync(this.#state, 'utf8'))?.[1] ?? '';
  }

  /** Ids of the releases that were made. */
  get releases(): string[] {
    return readdirSync(join(this.dir, '../releases')).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }

  get #state(): string {
    return join(this.dir, '.state');
  }

  get #tree(): string {
    return join(this.dir, '.tree');
  }

  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, ORIEL_KERNEL_DIR: join(this.dir, '.kernels'), PATH: `${this.dir}/bin:${process.env.PATH}` };
  }

  #makeProgram(name: string, line: string): void {
    // With everybody's PATH: in its own one it would find itself.
    writeFileSync(join(this.dir, 'bin', name), `#!/bin/sh\nPATH='${process.env.PATH}'\n${line}\n`);
    chmodSync(join(this.dir, 'bin', name), 0o755);
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

/** With all that it started. */
function kill({ pid }: ChildProcess): void {
  if (pid) process.kill(-pid, 'SIGKILL');
}
