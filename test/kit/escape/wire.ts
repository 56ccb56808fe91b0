import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(import.meta.dirname, 'wire.pl');

/**
 * What a packet carries that is to be known again wherever it comes out, after the word `escape`: whoever sends it puts the two together, so that
 * the text of a program on its way is not taken for it. In SDP it can be a name (RFC 8839).
 */
export function toMark(round: number, way: number): string {
  return `${round}w${way}`;
}

/** Sends frames out of an interface of a network namespace, as they are, each so many times. */
export function sendFrames(netns: string, name: string, frames: readonly Buffer[], times = 1): void {
  execFileSync('ip', ['netns', 'exec', netns, 'perl', PROGRAM, 'send', name, String(times)], {
    input: frames.map((frame) => `${frame.toString('hex')}\n`).join(''),
  });
}

/** Sees every frame of this network namespace, and remembers the marks in them. */
export class Witness {
  readonly seen = new Set<string>();
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(): Promise<Witness> {
    const child = spawn('perl', [PROGRAM, 'watch'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const witness = new Witness(child);
    const lines = createInterface({ input: child.stdout });
    await once(lines, 'line');
    lines.on('line', (mark) => witness.seen.add(mark));
    return witness;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.stdin!.end();
    await exited;
  }
}
