import { execFile, type ChildProcess } from 'node:child_process';

export interface RunOptions {
  /** How errors name the command; its first words without. */
  label?: string;
  /** Written to the command's standard input. */
  input?: string;
  /** Name of the network namespace that the command runs in; the controller's own without. */
  netns?: string;
  /** Killed (SIGKILL) after this long. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** All that it sees of an environment; COMMAND_ENV without. */
  env?: NodeJS.ProcessEnv;
}

/** A command of the host that did not end with 0. The message names the command, its namespace and what it said. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly code = 'command_failed';
}

/** sbin included, which a login as root by `su` leaves out; then where else this host has its programs (Nix). */
const PATH = ['/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', process.env.PATH ?? []].flat().join(':');
/** Commands see this and no more: nothing of the controller's secrets, and messages in one language. */
export const COMMAND_ENV = { PATH, LC_ALL: 'C' };
/** On a slow host nft, which has the kernel load its modules first, takes more than 10 s. */
const TIMEOUT_MS = 30_000;

/** Runs one command to its end and gives its standard output. Throws CommandFailed, also when it took too long; no process is left then. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { label = argv.slice(0, 5).join(' '), input = '', netns, timeoutMs = TIMEOUT_MS, signal, env = COMMAND_ENV } = options;
  const [file, ...args] = netns === undefined ? argv : ['nsenter', `--net=/run/netns/${netns}`, '--', ...argv];
  const settings = { env, cwd: '/', timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 20, encoding: 'utf8' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(file!, args, signal ? { ...settings, signal } : settings, (error, stdout, stderr) => {
      const failed = error && new CommandFailed(toMessage(label, netns, toEnd(error, timeoutMs), stderr), { cause: error });
      if (!failed) resolve(stdout);
      else if (isRunning(child)) child.once('exit', () => reject(failed));
      else reject(failed);
    });
    // A command that ends without reading its input closes the pipe under us; its exit code says the rest.
    child.stdin?.on('error', () => {}).end(input);
  });
}

/** An abort is told before the killed process is gone. */
function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

/** What went wrong in words: `ip -batch - (netns oriel-r0): exit code 1: Cannot find device "up"`. */
export function toMessage(label: string, netns: string | undefined, end: string, stderr: string): string {
  const where = netns === undefined ? '' : ` (netns ${netns})`;
  const said = stderr.trim().slice(0, 2000);
  return `${label}${where}: ${end}${said === '' ? '' : `: ${said}`}`;
}

function toEnd(error: Error & { code?: unknown; killed?: boolean; signal?: string | null }, timeoutMs: number): string {
  if (error.name === 'AbortError') return 'given up';
  if (error.killed) return `not done after ${timeoutMs} ms`;
  if (error.code === 'ENOENT') return 'is not installed';
  if (error.signal) return `killed by ${error.signal}`;
  return typeof error.code === 'number' ? `exit code ${error.code}` : error.message;
}
