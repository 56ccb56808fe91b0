import { spawn } from 'node:child_process';
import { CommandFailed } from './errors.ts';

/** Lines of a failed command's own words that its error repeats. */
const TAIL_LINES = 30;

export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  input?: string;
  /** Gets each line of standard error as it comes. */
  onLine?: (line: string) => void;
}

/** What a command sees of the host when nothing else is said: nothing that could change a byte. */
export const CLEAN_ENV: Record<string, string> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  HOME: '/nonexistent',
};

/** Runs a command and gives its standard output. Throws CommandFailed with the last lines that it wrote. Dies with this process. */
export function run(argv: readonly string[], { env = CLEAN_ENV, cwd, input, onLine }: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    // A killed build must not leave a package manager behind: the kernel kills the child with its parent.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    const lines = new Lines(onLine);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => lines.add(text));
    child.on('error', (cause) => reject(new CommandFailed(`${argv[0]}: could not be started`, { cause })));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(stdout);
      lines.add('\n');
      const words = lines.tail.join('\n').trim() || stdout.split('\n').slice(-TAIL_LINES).join('\n');
      reject(new CommandFailed(`${argv.slice(0, 3).join(' ')} … ended with ${signal ?? code}:\n${words}`));
    });
    // A child that reads nothing closes its end: EPIPE is no failure of ours.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

class Lines {
  readonly tail: string[] = [];
  readonly #onLine: ((line: string) => void) | undefined;
  #rest = '';

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.tail.push(line);
      if (this.tail.length > TAIL_LINES) this.tail.shift();
      this.#onLine?.(line);
    }
  }
}
