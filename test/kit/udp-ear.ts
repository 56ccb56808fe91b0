import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** Everything that comes to these UDP ports of a network namespace (the test's own when none is named), whatever address it is for. */
export class UdpEar {
  readonly #netns: string | undefined;
  readonly #ports: readonly number[];
  #child: ChildProcess | undefined;
  #heard = '';

  constructor(ports: readonly number[], netns?: string) {
    this.#ports = ports;
    this.#netns = netns;
  }

  async start(): Promise<void> {
    const argv = [...(this.#netns === undefined ? [] : ['ip', 'netns', 'exec', this.#netns]), process.execPath, '--eval', LISTEN];
    const child = spawn(argv[0]!, [...argv.slice(1), ...this.#ports.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#heard += text));
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(20)) if (this.#heard.includes('listening')) return;
    throw new Error(`nobody listens at ${this.#ports.join(', ')}`);
  }

  has(text: string): boolean {
    return this.#heard.includes(text);
  }

  async stop(): Promise<void> {
    if (!this.#child || this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

const LISTEN = `
const sockets = process.argv.slice(1).map((port) => {
  const socket = require('node:dgram').createSocket('udp4').on('message', (data) => console.log(String(data)));
  return new Promise((resolve) => socket.bind(Number(port), resolve));
});
Promise.all(sockets).then(() => console.log('listening'));
`;
