import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { wipeHomeFiles, writeHomeFiles } from './home-files.ts';
import { HomeWatch } from './home-watch.ts';
import { openPipe } from './pipe.ts';
import type { FromLogin, ToLogin } from './protocol.ts';
import { COLUMNS, openTerminal } from './terminal.ts';
import { TerminalText } from './terminal-text.ts';

/** Lines that are told of a tool that ended. */
const LAST_LINES = 10;
/** What a tool prints comes in pieces; and where it also opens its page itself, that is before this. */
const PRINTED_MS = 1_000;

type Start = Extract<ToLogin, { t: 'start' }>;

export interface LoginOptions {
  home: string;
  /** Of the pipes; made here. Only the desktop's user can look into it. */
  folder: string;
  env: NodeJS.ProcessEnv;
  tell(news: FromLogin): void;
}

/**
 *   start ─► files given back ─► terminal: /usr/libexec/oriel/login ──► pipes `out`, `end` ─► text, address, end
 *                                   └─► tool ─► xdg-open ─► browser ──► pipe `opened`
 *                                         └─► credential files ─► inotify
 */
export class Login {
  readonly #options: LoginOptions;
  readonly #text = new TerminalText();
  readonly #opened = new Set<string>();
  #order: Start | undefined;
  #watch: HomeWatch | undefined;
  #closeTerminal = () => {};
  #closePipes: (() => void)[] = [];
  #printed: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  async handle(order: ToLogin): Promise<void> {
    if (order.t === 'start') return this.#start(order);
    if (order.t === 'restart') return this.#run();
    await this.#wipe();
  }

  stop(): void {
    clearTimeout(this.#printed);
    this.#watch?.stop();
    this.#hasEnded = true;
    this.#closeTerminal();
    for (const close of this.#closePipes.splice(0)) close();
  }

  async #start(order: Start): Promise<void> {
    const { home, folder, tell } = this.#options;
    this.#order = order;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#closePipes.push(
      await openPipe(join(folder, 'out'), (text) => this.#onText(text)),
      await openPipe(join(folder, 'end'), (text) => this.#onEnd(Number.parseInt(text, 10))),
      await openPipe(join(folder, 'opened'), (text) => text.split('\n').filter(Boolean).forEach(this.#onOpened)),
    );
    await writeHomeFiles(home, order.files);
    this.#watch = new HomeWatch(home, order.paths, tell);
    this.#watch.start();
    await this.#run();
  }

  async #run(): Promise<void> {
    const { folder, env, home, tell } = this.#options;
    const order = this.#order;
    if (!order) return;
    this.#closeTerminal();
    this.#text.clear();
    this.#opened.clear();
    this.#hasEnded = false;
    const surroundings = { ...env, ...order.env, BROWSER: '/usr/local/bin/xdg-open' };
    const terminal = { folder, title: order.title, command: order.command, env: surroundings, cwd: home };
    this.#closeTerminal = await openTerminal(terminal, () => this.#onEnd(null));
    tell({ t: 'started' });
  }

  #onText(text: string): void {
    this.#text.add(text);
    const pattern = this.#order?.urlPattern;
    if (pattern === undefined) return;
    clearTimeout(this.#printed);
    this.#printed = setTimeout(() => this.#openPrinted(pattern), PRINTED_MS);
  }

  /** Opens the address that the tool printed, unless it has opened a page itself. */
  #openPrinted(pattern: string): void {
    const url = this.#opened.size === 0 ? this.#text.findUrl(pattern, COLUMNS) : undefined;
    if (url === undefined) return;
    spawn('/usr/local/bin/xdg-open', [url], { env: this.#options.env, stdio: 'ignore', detached: true }).on('error', () => undefined);
  }

  readonly #onOpened = (url: string): void => {
    if (this.#opened.has(url)) return;
    this.#opened.add(url);
    this.#options.tell({ t: 'opened', url });
  };

  #onEnd(code: number | null): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.tell({ t: 'ended', code: Number.isNaN(code) ? null : code, lines: this.#text.lastLines(LAST_LINES) });
  }

  /** The tool first: it might write them again. */
  async #wipe(): Promise<void> {
    this.#hasEnded = true;
    this.#watch?.stop();
    this.#closeTerminal();
    this.#text.clear();
    await wipeHomeFiles(this.#options.home, this.#order?.paths ?? []);
    this.#options.tell({ t: 'wiped' });
  }
}
