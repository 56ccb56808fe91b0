import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that sleeps for each line that it reads, and its pid. bash, unlike sh, takes notice of those that have ended. */
const SCRIPT = 'while read -r _; do sleep 86400 </dev/null >/dev/null & echo $!; done';

/**
 * Makes processes that sleep, by a small process of its own: Node forks with all of its page tables, milliseconds for each hundred
 * MiB, and what a machine's start takes is not what is measured.
 */
export class Sleepers {
  #bash: ChildProcess | undefined;
  readonly #waiting: ((pid: number) => void)[] = [];

  next(): Promise<number> {
    this.#bash ??= this.#start();
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.push(resolve);
    this.#bash.stdin!.write('\n');
    return promise;
  }

  #start(): ChildProcess {
    const bash = spawn('bash', ['-c', SCRIPT], { cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
    createInterface({ input: bash.stdout }).on('line', (pid) => this.#waiting.shift()!(Number(pid)));
    return bash;
  }
}
