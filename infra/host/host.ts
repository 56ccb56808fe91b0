import { execFile } from 'node:child_process';
import { readlink } from 'node:fs/promises';
import { toUrlHost } from '../../controller/src/net/url-host.ts';

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
  findUnready: (origin, release) => findUnready(realHost, origin, release),
  say: (line) => void process.stdout.write(`${line}\n`),
};

/** As the real host does it: whether the unit's process is of this release, and what it says of itself. */
export async function findUnready(host: Pick<Host, 'run'>, origin: string, release: string): Promise<string> {
  const { stdout } = await host.run(['systemctl', 'show', '--property=MainPID', '--value', 'oriel']);
  const program = await readlink(`/proc/${stdout.trim()}/exe`).catch(() => '');
  if (!program.startsWith(`${release}/`)) return program ? `what runs is ${program}, not of ${release}` : 'it does not run';
  return fetch(`${origin}/ready`, { signal: AbortSignal.timeout(ANSWER_MS) }).then(
    async (answer) => (answer.ok ? '' : toUnready(await answer.text())),
    (error: Error) => `it does not answer at ${origin}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
  );
}

/** A host that is drained stays so with another release: that alone is no fault of it. */
function toUnready(text: string): string {
  try {
    const { checks } = JSON.parse(text) as { checks: Record<string, string> };
    if (Object.entries(checks).every(([name, state]) => state === 'ok' || name === 'draining')) return '';
  } catch {
    // Something else answers there.
  }
  return `it says: ${text}`;
}

/** Where the controller answers on its own host, from the text of its variables. */
export function toOrigin(env: string): string {
  const bind = readVariable(env, 'ORIEL_BIND') ?? '127.0.0.1';
  return `http://${toUrlHost(['0.0.0.0', '::'].includes(bind) ? '127.0.0.1' : bind)}:${readVariable(env, 'ORIEL_PORT') ?? '7080'}`;
}

/** A variable of systemd's EnvironmentFile: the last one counts. */
export function readVariable(env: string, name: string): string | undefined {
  return [...env.matchAll(new RegExp(`^${name}=["']?([^"'\\n]*)`, 'gm'))].at(-1)?.[1] || undefined;
}
