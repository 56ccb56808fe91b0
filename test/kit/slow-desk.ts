import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '#contract/session';
import type { Browser } from 'playwright-core';
import { startBrowser } from './browser.ts';
import { makeInternet } from './internet.ts';
import type { Oriel } from './oriel.ts';
import { TargetServer } from './target-server.ts';
import { ViewerPage } from './viewer.ts';

/** Where the terminal window's text begins at start-up, its line's height, and a place in it, in desktop pixels. */
const TERMINAL = { top: 29, line: 17, x: 250, y: 500 } as const;
/** Lines that one bit is high. */
const BIT_LINES = 3;
const BITS = 8;
const TRIES = 6;

/** What starts a session, wherever it does, and takes all of it away. */
export type Startable = Pick<Oriel, 'start' | 'removeFiles'> & { interrupt(): Promise<unknown> };

/**
 * A session in use whose machine is emulated: it is there in a minute and shows a few frames a second. What proves a living picture is
 * drawn by the terminal: a page of counters in a browser would be all that such a machine can do.
 */
export class SlowDesk<T extends Startable = Oriel> {
  readonly target = new TargetServer();
  readonly oriel: T;
  /** How many times longer than a container it may take. */
  readonly slow: number;
  browser!: Browser;
  viewer!: ViewerPage;
  session!: Awaited<ReturnType<Oriel['start']>>;

  constructor({ oriel, slow }: { oriel: T; slow: number }) {
    this.oriel = oriel;
    this.slow = slow;
  }

  /** To be called in a fresh network namespace. `prepare` runs before anything is started. Nothing is left when it throws. */
  async start(prepare: () => void): Promise<void> {
    makeInternet();
    prepare();
    await this.target.start();
    try {
      this.session = await this.oriel.start(60_000 * this.slow);
      this.browser = await startBrowser();
      this.viewer = await ViewerPage.open(this.browser, this.session.link, { timeoutMs: 15_000 * this.slow, patience: this.slow });
      await this.#waitForWindows(30_000 * this.slow);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.oriel.interrupt();
    await this.target.stop();
    this.oriel.removeFiles();
  }

  /** What the controller says of the session, or of a part of it. */
  async read<T = Session>(part = ''): Promise<T> {
    const { origin, sessionId, viewerToken } = this.session;
    const reply = await fetch(`${origin}/api/auth/session/${sessionId}${part}`, { headers: { authorization: `Bearer ${viewerToken}` } });
    return (await reply.json()) as T;
  }

  async typeLine(line: string): Promise<void> {
    await this.viewer.click(TERMINAL.x, TERMINAL.y);
    await this.viewer.type(`${line}\n`);
  }

  /**
   * Has the terminal draw a byte as eight bars, by a program that it fetches, and waits until the picture shows it. Again when the line
   * was lost: a window that comes up while one types takes the focus.
   */
  async showByte(byte: number): Promise<void> {
    const path = `/bars/${byte}`;
    this.target.page(path, toBars(byte), 'text/plain');
    let seen: number | null = null;
    for (let tries = 0; tries < TRIES; tries++) {
      await this.typeLine(`\ncurl -s ${this.target.url}${path} | sh`);
      for (const until = Date.now() + 4_000 * this.slow; Date.now() < until; await sleep(100))
        if ((seen = await this.readByte()) === byte) return;
    }
    throw new Error(`the picture shows ${seen}, not ${byte}; ${await this.viewer.describe()}`);
  }

  /**
   * Has the terminal draw a byte that goes up each second, for as long as it is there, and leaves the prompt below to those who type.
   * Again when the line was lost.
   */
  async startCounting(): Promise<void> {
    this.target.page('/count', COUNT, 'text/plain');
    for (let tries = 0; tries < TRIES; tries++) {
      await this.typeLine(`\ncurl -s ${this.target.url}/count | sh`);
      for (const until = Date.now() + 4_000 * this.slow; Date.now() < until; await sleep(100))
        if (this.target.received.some(({ path }) => path === '/count') && ((await this.readByte()) ?? 0) > 0) return;
    }
    throw new Error(`the terminal does not count; ${await this.viewer.describe()}`);
  }

  async stopCounting(): Promise<void> {
    await this.typeLine('kill $(cat /tmp/count.pid)');
  }

  /** Looks at the byte all the time. `stop` gives the longest time in which it did not change, ms, and how often it did. */
  watch(): { stop(): Promise<{ gapMs: number; changes: number }> } {
    const end = new AbortController();
    const watching = this.#watch(end.signal);
    return { stop: () => (end.abort(), watching) };
  }

  async #watch(signal: AbortSignal): Promise<{ gapMs: number; changes: number }> {
    let [last, changedAt, gapMs, changes] = [-1, performance.now(), 0, -1];
    while (!signal.aborted) {
      const byte = await this.readByte().catch(() => null);
      const now = performance.now();
      gapMs = Math.max(gapMs, now - changedAt);
      if (byte !== null && byte !== last) [last, changedAt, changes] = [byte, now, changes + 1];
      await sleep(50);
    }
    return { gapMs, changes };
  }

  /** The byte that the picture shows now, or null when it shows none. */
  async readByte(): Promise<number | null> {
    const toMiddle = (bit: number) => TERMINAL.top + (bit + 0.5) * BIT_LINES * TERMINAL.line;
    const centres = Array.from({ length: BITS }, (_, bit) => ({ x: TERMINAL.x, y: toMiddle(bit) }));
    const bits = (await this.viewer.readSquares(centres)).map((value) => (value > 180 ? 1 : value < 75 ? 0 : -1));
    return bits.length === 0 || bits.includes(-1) ? null : bits.reduce<number>((value, bit) => value * 2 + bit, 0);
  }

  async #waitForWindows(timeoutMs: number): Promise<void> {
    for (const until = Date.now() + timeoutMs; ; await sleep(200)) {
      const { marks } = await this.read();
      if (marks.terminal !== undefined && marks.chromium !== undefined) return;
      if (Date.now() > until) throw new Error(`no terminal and browser after ${timeoutMs} ms: ${JSON.stringify(marks)}`);
    }
  }
}

/** A shell program: bars as `toBars` has them, each second one more, and the prompt's place left as it is. */
const COUNT = `
cat >/tmp/count <<'END'
bar() { for line in ${'1 '.repeat(BIT_LINES).trim()}; do printf '\\033[%sm\\033[K\\n' "$1"; done; }
count=0
while :; do
  text=$(for bit in 128 64 32 16 8 4 2 1; do bar $((count & bit ? 107 : 40)); done; printf .)
  printf '\\0337\\033[H%s\\033[0m\\0338' "\${text%.}"
  count=$(((count + 1) % 256))
  sleep 1
done
END
sh /tmp/count &
echo $! >/tmp/count.pid
printf '\\033[2J\\033[${BITS * BIT_LINES + 3}H'
`;

/** A shell program that clears the terminal and draws the byte, its highest bit first: white bars and black ones. */
function toBars(byte: number): string {
  const lines = Array.from({ length: BITS * BIT_LINES }, (_, line) => {
    const isSet = (byte >> (BITS - 1 - Math.floor(line / BIT_LINES))) & 1;
    return `\\033[${isSet ? 107 : 40}m\\033[K\\n`;
  });
  return `printf '\\033[2J\\033[H${lines.join('')}\\033[0m'\n`;
}
