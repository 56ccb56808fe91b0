import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { INTERNET } from '#test/internet';
import type { Shape } from './links.ts';

/** What went towards the viewer since it was asked last. */
export interface Carried {
  packets: number;
  bytes: number;
  lost: number;
  /** At the end of a full queue. */
  cut: number;
  /** Time in the queue, ms, and how many packets waited so long. */
  waits: [ms: number, packets: number][];
}

/** A controller that viewers behind the link reach. */
export const HOST_ENV = { ORIEL_BIND: INTERNET.hostAddress, ORIEL_ALLOW_WEAK_ISOLATION: '1', ORIEL_PUBLIC_ADDRESSES: INTERNET.hostAddress };

const NETNS = 'viewer';
const VIEWER_ADDRESS = '203.0.113.2';
const MOST_QUEUE_MS = 300;

/** The one way between this namespace and that of the viewers: a bottleneck that can be changed while it is used. */
export class ShapedLink {
  readonly netns = NETNS;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#reader = createInterface(child.stdout!);
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** With bench/targets/link.c, compiled. Ends with the bench. */
  static async open(program: string): Promise<ShapedLink> {
    execFileSync('ip', ['netns', 'add', NETNS]);
    const link = new ShapedLink(spawn(program, [`/run/netns/${NETNS}`], { stdio: ['pipe', 'pipe', 'inherit'] }));
    await link.#read();
    configure([], INTERNET.hostAddress, VIEWER_ADDRESS);
    configure(['-n', NETNS], VIEWER_ADDRESS, INTERNET.hostAddress);
    execFileSync('ip', ['-n', NETNS, 'link', 'set', 'lo', 'up']);
    execFileSync('ip', ['-n', NETNS, 'route', 'add', 'default', 'dev', 'shaped']);
    return link;
  }

  shape({ kbps, delayMs, jitterMs, lostOf1000 }: Shape): void {
    this.#say(`shape ${kbps} ${delayMs} ${jitterMs} ${lostOf1000} ${MOST_QUEUE_MS}`);
  }

  async take(): Promise<Carried> {
    this.#say('take');
    return JSON.parse(await this.#read()) as Carried;
  }

  close(): void {
    this.#reader.close();
    this.#child.stdin!.end();
  }

  #say(command: string): void {
    this.#child.stdin!.write(`${command}\n`);
  }

  async #read(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the link has ended: what it said is above');
    return value as string;
  }
}

function configure(where: string[], own: string, other: string): void {
  const lines = [`address add ${own}/32 peer ${other} dev shaped`, 'link set shaped mtu 1500', 'link set shaped up', ''];
  execFileSync('ip', [...where, '-batch', '-'], { input: lines.join('\n') });
}
