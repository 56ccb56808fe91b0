import type { Log } from '../log.ts';
import { setClipboard } from '../clipboard/set-clipboard.ts';
import type { SpareKey } from './keymap.ts';
import { Xdotool } from './xdotool.ts';
import type { Display } from './injector.ts';
import type { Size } from './words.ts';

export interface XInputOptions {
  env: NodeJS.ProcessEnv;
  size: Size;
  remap(keys: SpareKey[]): Promise<void>;
  /** A viewer puts this on the clipboard. */
  onPaste(text: string): void;
  log: Log;
}

const RESTART_MS = 500;

/** Keeps one xdotool alive while X is there. What comes while there is none is lost, as on an unplugged keyboard. */
export class XInput implements Display {
  size: Size;
  readonly #options: XInputOptions;
  #xdotool: Xdotool | undefined;
  #wanted = false;

  constructor(options: XInputOptions) {
    this.#options = options;
    this.size = options.size;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#spawn();
  }

  stop(): void {
    this.#wanted = false;
    this.#xdotool?.stop();
  }

  inject(words: string[]): void {
    this.#xdotool?.write(words);
  }

  isBehind(): boolean {
    return this.#xdotool?.isBehind() ?? false;
  }

  async remap(keys: SpareKey[]): Promise<void> {
    await this.#options.remap(keys).catch((error: Error) => this.#options.log.warn({ reason: error.message }, 'keys not remapped'));
  }

  async setClipboard(text: string): Promise<void> {
    const { env, log, onPaste } = this.#options;
    onPaste(text);
    await setClipboard(text, env).catch((error: Error) => log.warn({ reason: error.message }, 'clipboard not set'));
  }

  #spawn(): void {
    const xdotool = new Xdotool(this.#options.env);
    this.#xdotool = xdotool;
    void xdotool.exited.then((reason) => {
      if (this.#xdotool === xdotool) this.#xdotool = undefined;
      if (!this.#wanted) return;
      this.#options.log.warn({ reason }, 'xdotool ended');
      setTimeout(() => this.#wanted && !this.#xdotool && this.#spawn(), RESTART_MS);
    });
  }
}
