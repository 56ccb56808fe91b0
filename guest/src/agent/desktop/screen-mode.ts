import type { Size } from '../input/words.ts';

/** The screen of Xorg's dummy driver. */
const OUTPUT = 'DUMMY0';
/** Browsers on the desktop draw at the rate that the mode has. */
const REFRESH_HZ = 60;
/** Blanking as small as the driver takes it. */
const BLANK = { x: 64, y: 32 };

/** Runs `xrandr`. Rejects when it refuses. */
export type Xrandr = (args: string[]) => Promise<unknown>;

/** The screen's mode, which is made for each size and goes with it: hundreds of them would be read by every program at each change. */
export class ScreenMode {
  readonly #xrandr: Xrandr;
  #size: Size | undefined;

  constructor(xrandr: Xrandr) {
    this.#xrandr = xrandr;
  }

  /** Resolves when the screen has the size. Rejects when X does not take it: it stays as it was. */
  async set(size: Size): Promise<void> {
    // There already, where an agent before this one made it: then the next word takes it.
    await this.#xrandr(['--newmode', toName(size), ...toTiming(size)]).catch(() => {});
    await this.#xrandr(['--addmode', OUTPUT, toName(size)]);
    await this.#xrandr(['--output', OUTPUT, '--mode', toName(size)]);
    const former = this.#size;
    this.#size = size;
    if (former && toName(former) !== toName(size)) await this.#remove(former);
  }

  /** X has begun anew: it has no mode of ours. */
  forget(): void {
    this.#size = undefined;
  }

  async #remove(size: Size): Promise<void> {
    await this.#xrandr(['--delmode', OUTPUT, toName(size)]);
    await this.#xrandr(['--rmmode', toName(size)]);
  }
}

/** A name that none of X's own modes has. */
function toName({ width, height }: Size): string {
  return `oriel-${width}x${height}`;
}

/** Pixel clock in MHz, then the four numbers of each direction, as xrandr takes them. */
function toTiming({ width, height }: Size): string[] {
  const [totalX, totalY] = [width + BLANK.x, height + BLANK.y];
  const mhz = (REFRESH_HZ * totalX * totalY) / 1e6;
  return [mhz.toFixed(3), ...[width, width + 8, width + 16, totalX, height, height + 3, height + 6, totalY].map(String)];
}
