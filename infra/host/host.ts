import { execFile } from 'node:child_process';
import { readlink } from 'node:fs/promises';

export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** What is done to a host beside its files. */
export interface Host {
  /** Never throws for what the command does; ends it after `timeoutMs`. */
  run(argv: readonly string[], timeoutMs?: number): Promise<Ended>;
  /** Why the controller that runs is not ready, or not of this release; empty when it is. */
  findUnready(origin: string, release: string): Promise<string>;
  say(line: string): void;
}

const COMMAND_MS = 60_000;
const ANSWER_MS = 5_000;

export const realHost: Host = {
  run: (argv, timeoutMs = COMMAND_MS) =>
    new Promise((resolve) => {
      const [file, ...args] = argv;
      const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
      execFile(file!, args, { env, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 127) : 0;
        resolve({ code, stdout, stderr: stderr || (error?.message ?? '') });
      });
    }),
  async findUnready(origin, release) {
    const { stdout } = await realHost.run(['systemctl', 'show', '--property=MainPID', '--value', 'oriel']);
    const program = await readlink(`/proc/${stdout.trim()}/exe`).catch(() => '');
    if (!program.startsWith(`${release}/`)) return program ? `what runs is ${program}, not of ${release}` : 'it does not run';
    return fetch(`${origin}/ready`, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
      async (answer) => (answer.ok ? '' : `it says: ${await answer.text()}`),
      (error: Error) => `it does not answer at ${origin}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  },
  say: (line) => void process.stdout.write(`${line}\n`),
};

/** Where the controller answers on its own host, from the text of its variables. */
export function toOrigin(env: string): string {
  const bind = readVariable(env, 'ORIEL_BIND') ?? '127.0.0.1';
  return `http://${['0.0.0.0', '::'].includes(bind) ? '127.0.0.1' : bind}:${readVariable(env, 'ORIEL_PORT') ?? '7080'}`;
}

/** A variable of systemd's EnvironmentFile: the last one counts. */
export function readVariable(env: string, name: string): string | undefined {
  return [...env.matchAll(new RegExp(`^${name}=["']?([^"'\\n]*)`, 'gm'))].at(-1)?.[1] || undefined;
}
