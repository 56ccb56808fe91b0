import { build, type Shell } from './shell.ts';

const FONT_PX = 14;
const GAP_PX = 64;
const TILT = -Math.PI / 9;

/** A text over the whole desktop, again and again, faint enough to work below it. Nothing of it is clicked or read aloud. */
export class Watermark {
  readonly #canvas = build('canvas', { class: 'watermark', 'aria-hidden': 'true' });
  #text = '';

  attach({ stage, veil }: Shell, signal: AbortSignal): void {
    veil.before(this.#canvas);
    const observer = new ResizeObserver(() => this.#draw());
    observer.observe(stage);
    signal.addEventListener('abort', () => (observer.disconnect(), this.#canvas.remove()), { once: true });
  }

  /** Empty: none. */
  show(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#draw();
  }

  #draw(): void {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const scale = devicePixelRatio;
    [this.#canvas.width, this.#canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    const context = this.#canvas.getContext('2d');
    if (!context || !this.#text) return;
    context.scale(scale, scale);
    context.rotate(TILT);
    context.font = `${FONT_PX}px sans-serif`;
    const step = context.measureText(this.#text).width + GAP_PX;
    const reach = width + height;
    for (let row = 0, y = -reach; y < 2 * reach; y += GAP_PX, row++)
      for (let x = -reach + (row % 2) * (step / 2); x < 2 * reach; x += step) this.#write(context, x, y);
  }

  /** Dark with a light edge: to be seen on light, on dark and on grey. */
  #write(context: CanvasRenderingContext2D, x: number, y: number): void {
    context.fillStyle = 'rgb(255 255 255 / 22%)';
    context.fillText(this.#text, x + 1, y + 1);
    context.fillStyle = 'rgb(0 0 0 / 18%)';
    context.fillText(this.#text, x, y);
  }
}
