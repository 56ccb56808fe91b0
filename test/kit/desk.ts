import type { Session } from '#contract/session';
import type { Browser } from 'playwright-core';
import { Board } from './board.ts';
import { startBrowser } from './browser.ts';
import { makeInternet } from './internet.ts';
import { Oriel } from './oriel.ts';
import { PACE } from './pace.ts';
import { showBoard } from './show-board.ts';
import { TargetServer } from './target-server.ts';
import { ViewerPage } from './viewer.ts';

/** Where one can click to type into the terminal, once the board is shown, in desktop pixels. */
export const TERMINAL = { x: 300, y: 500 } as const;

export interface DeskOptions {
  /** Environment of the controller. */
  env?: NodeJS.ProcessEnv;
  /** Starts the user's browser, where it is to be. */
  openBrowser?: () => Promise<Browser>;
}

/** A session in use, with everything around it: controller, target server, browser, page. The counter above, the terminal below. */
export class Desk {
  readonly target = new TargetServer();
  readonly board = new Board(this.target);
  readonly oriel: Oriel;
  readonly #openBrowser: () => Promise<Browser>;
  #typed = 0;
  browser!: Browser;
  viewer!: ViewerPage;
  session!: Awaited<ReturnType<Oriel['start']>>;

  constructor({ env = {}, openBrowser = startBrowser }: DeskOptions = {}) {
    this.oriel = new Oriel({ env });
    this.#openBrowser = openBrowser;
  }

  /** To be called in a fresh network namespace. `prepare` runs before anything is started. Nothing is left when it throws. */
  async start(prepare: () => Promise<void> | void = () => {}): Promise<void> {
    makeInternet();
    await prepare();
    await this.target.start();
    try {
      this.session = await this.oriel.start();
      this.browser = await this.#openBrowser();
      this.viewer = await ViewerPage.open(this.browser, this.session.link);
      await showBoard({ viewer: this.viewer, target: this.target, readSession: () => this.readSession() });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** What the controller says of the session. */
  async readSession(): Promise<Session> {
    const { origin, sessionId, viewerToken } = this.session;
    const reply = await fetch(`${origin}/api/auth/session/${sessionId}`, { headers: { authorization: `Bearer ${viewerToken}` } });
    return (await reply.json()) as Session;
  }

  async machineId(): Promise<string> {
    return (await this.readSession()).machine!.machineId;
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.oriel.interrupt();
    await this.target.stop();
    this.oriel.removeFiles();
  }

  /** Types a command into the terminal that tells the target server, and waits until it did. Resolves with the milliseconds. */
  async typeCommand(viewer = this.viewer, timeoutMs = 10_000 * PACE): Promise<number> {
    const path = `/typed/${++this.#typed}`;
    const started = performance.now();
    await this.typeLine(`curl -s ${this.target.url}${path}`, viewer);
    await this.target.waitFor('the typed command', (received) => received.path === path, timeoutMs);
    return performance.now() - started;
  }

  /** Types a line into the terminal. */
  async typeLine(line: string, viewer = this.viewer): Promise<void> {
    await viewer.click(TERMINAL.x, TERMINAL.y);
    await viewer.type(`${line}\n`);
  }
}
