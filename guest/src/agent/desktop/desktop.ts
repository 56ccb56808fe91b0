import { Injector } from '../input/injector.ts';
import type { Size } from '../input/words.ts';
import { XInput } from '../input/x-input.ts';
import { toReason, type Log } from '../log.ts';
import { fitWindows } from './fit-windows.ts';
import type { Marks } from './marks.ts';
import { ScreenMode } from './screen-mode.ts';
import { watchWindows } from './windows.ts';
import { createRunX, remapKeys, uploadKeymap, type RunX } from './x-display.ts';

export interface DesktopOptions {
  /** DISPLAY and XAUTHORITY. */
  env: NodeJS.ProcessEnv;
  size: Size;
  marks: Marks;
  /** A viewer puts this on the clipboard. */
  onPaste(text: string): void;
  log: Log;
}

/** The window manager and its panels follow a change of size by themselves, which takes them some 100 ms. */
const SETTLED_MS = 300;

/** X's lives, one after the other, and what the agent has in each: keymap, injection, a look at the windows. */
export class Desktop {
  readonly injector: Injector;
  /** Resolves when X has been usable for the first time. */
  readonly ready: Promise<void>;
  readonly #options: DesktopOptions;
  readonly #input: XInput;
  readonly #runX: RunX;
  readonly #mode: ScreenMode;
  #setReady!: () => void;
  #up = false;
  #stopWindows = () => {};
  #fitting: NodeJS.Timeout | undefined;

  constructor(options: DesktopOptions) {
    const { env, size, onPaste, log } = options;
    this.#options = options;
    this.ready = new Promise((resolve) => (this.#setReady = resolve));
    this.#input = new XInput({ env, size, remap: (keys) => remapKeys(keys, env), onPaste, log });
    this.#runX = createRunX(env);
    this.#mode = new ScreenMode((args) => this.#runX('xrandr', args));
    this.injector = new Injector({ display: this.#input });
  }

  get size(): Size {
    return this.#input.size;
  }

  /** To be told of a size that the desktop has taken: places beyond it are its edge. */
  resize(size: Size): void {
    this.#input.size = size;
  }

  /** Gives the desktop another size. Rejects when X does not take it. */
  async setSize(size: Size): Promise<void> {
    await this.#mode.set(size);
    this.resize(size);
    clearTimeout(this.#fitting);
    this.#fitting = setTimeout(() => void this.#fit(size), SETTLED_MS);
  }

  /** To be told whenever X becomes usable, or is it no longer. */
  async setX(isUp: boolean): Promise<void> {
    if (isUp === this.#up) return;
    this.#up = isUp;
    if (isUp)
      await this.#start().catch((error: unknown) => this.#options.log.error({ reason: toReason(error) }, 'X does not take the keymap'));
    else this.stop();
  }

  stop(): void {
    clearTimeout(this.#fitting);
    this.#input.stop();
    this.#stopWindows();
  }

  async #fit(size: Size): Promise<void> {
    const { log } = this.#options;
    await fitWindows(size, this.#runX).catch((error: unknown) =>
      log.warn({ reason: toReason(error) }, 'windows may be outside the screen'),
    );
  }

  async #start(): Promise<void> {
    const { env, marks, size } = this.#options;
    this.#mode.forget();
    this.resize(size);
    await uploadKeymap(env);
    this.#input.start();
    this.injector.reset();
    this.#stopWindows = watchWindows(env, (mark) => marks.set(mark));
    this.#setReady();
  }
}
