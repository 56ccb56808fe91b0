import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import type { Level, LayoutKey } from './layout.ts';

const run = promisify(execFile);

const SHIFT = 50;
const ALT_GR = 108;
const HELD: Record<Level, number[]> = { plain: [], Shift: [SHIFT], AltGr: [ALT_GR], 'Shift+AltGr': [SHIFT, ALT_GR] };
/** The key right of the right Windows key, made Compose. */
const COMPOSE = 135;
const RETURN = 36;

/** A person's own screen, keyboard and mouse: an X server whose keys are pressed by key code, as hardware does, under the layout that is set. */
export class XSeat {
  readonly #server: ChildProcess;
  readonly display: string;

  private constructor(server: ChildProcess, display: string) {
    this.#server = server;
    this.display = display;
  }

  static async start(): Promise<XSeat> {
    // -noreset: a layout stays though nobody looks.
    const server = spawn('Xvfb', ['-displayfd', '3', '-noreset', '-nolisten', 'tcp', '-screen', '0', '1400x1000x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const ended = once(server, 'exit').then(([code]) => Promise.reject(new Error(`Xvfb ended with ${code}`)));
    const said = once(server.stdio[3]!, 'data').then(([data]) => String(data).trim());
    return new XSeat(server, `:${await Promise.race([said, ended])}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.#server, 'exit');
    this.#server.kill();
    await ended;
  }

  /** Sets a layout ("de", "us(intl)"); resolves with XKB's description of it. */
  setLayout(name: string): string {
    const [, layout, variant = ''] = /^(\w+)(?:\((\w+)\))?$/.exec(name)!;
    execFileSync('setxkbmap', [
      '-display',
      this.display,
      '-layout',
      layout!,
      '-variant',
      variant,
      '-option',
      '',
      '-option',
      'compose:menu',
    ]);
    return execFileSync('xkbcomp', ['-w0', '-xkb', this.display, '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  }

  /** Gives the keys to the window of this class, as a window manager would. */
  async focus(windowClass: string): Promise<void> {
    await this.#xdotool(['search', '--sync', '--onlyvisible', '--class', windowClass, 'windowfocus', '--sync', '%1']);
  }

  /** Presses keys one after the other, what a level needs being held as long as it is the same. */
  async type(keys: readonly Pick<LayoutKey, 'keycode' | 'level'>[]): Promise<void> {
    let held: number[] = [];
    const words: string[] = [];
    const hold = (wanted: number[]) => {
      for (const keycode of held.toReversed()) if (!wanted.includes(keycode)) words.push(...up(keycode));
      for (const keycode of wanted) if (!held.includes(keycode)) words.push(...down(keycode));
      held = wanted;
    };
    for (const { keycode, level } of keys) {
      hold(HELD[level]);
      words.push(...down(keycode), ...up(keycode));
    }
    hold([]);
    await this.#xdotool(words);
  }

  async press(keycode: number): Promise<void> {
    await this.type([{ keycode, level: 'plain' }]);
  }

  async pressReturn(): Promise<void> {
    await this.press(RETURN);
  }

  /** Compose and two keys. */
  async compose(keys: readonly LayoutKey[]): Promise<void> {
    await this.type([{ keycode: COMPOSE, level: 'plain' }, ...keys]);
  }

  /** Moves the mouse so far, right and down positive, pixel by pixel: a server takes longer steps for haste, and lengthens them. */
  async moveMouse(dx: number, dy: number): Promise<void> {
    await this.#xdotool(moveBy(dx, dy));
  }

  /** Moves it so with its left button held. */
  async dragMouse(dx: number, dy: number): Promise<void> {
    await this.#xdotool(['mousedown', '1', ...PAUSE, ...moveBy(dx, dy), 'mouseup', '1']);
  }

  /** Puts the mouse at a place of the screen. */
  async putMouse(x: number, y: number): Promise<void> {
    await this.#xdotool(['mousemove', '--sync', `${x}`, `${y}`]);
  }

  async clickMouse(): Promise<void> {
    await this.#xdotool(['click', '1']);
  }

  async #xdotool(words: string[]): Promise<void> {
    await run('xdotool', words, { env: { ...process.env, DISPLAY: this.display } });
  }
}

/** A fast typist's press takes longer. */
const PAUSE = ['sleep', '0.006'];
/** With one digit it would be the key that types the digit. */
const toWord = (keycode: number) => String(keycode).padStart(2, '0');
const down = (keycode: number) => ['keydown', '--delay', '0', toWord(keycode), ...PAUSE];
const up = (keycode: number) => ['keyup', '--delay', '0', toWord(keycode), ...PAUSE];

function moveBy(dx: number, dy: number): string[] {
  const steps = Math.max(Math.abs(dx), Math.abs(dy));
  const part = (whole: number, step: number) => Math.trunc((whole * (step + 1)) / steps) - Math.trunc((whole * step) / steps);
  return Array.from({ length: steps }, (_, step) => ['mousemove_relative', '--', `${part(dx, step)}`, `${part(dy, step)}`]).flat();
}
