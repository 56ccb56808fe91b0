import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** One `xdotool -`: reads command lines from its stdin for as long as it lives. */
export class Xdotool {
  readonly exited: Promise<string>;
  readonly #child: ChildProcessByStdio<Writable, null, Readable>;

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn('xdotool', ['-'], { env, stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child.stdin.on('error', () => {}); // the exit tells
    let said = '';
    this.#child.stderr.on('data', (data: Buffer) => (said = `${said}${data.toString()}`.slice(-500)));
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(`${signal ?? `exit code ${code}`} ${said.trim()}`.trim()));
    });
  }

  write(words: string[]): void {
    this.#child.stdin.write(`${words.join(' ')}\n`);
  }

  isBehind(): boolean {
    return this.#child.stdin.writableNeedDrain;
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }
}
