import { build } from './shell.ts';

const FONT_PX = 14;
const GAP_PX = 64;
const TILT = -Math.PI / 9;

/** A text over the whole desktop, again and again, faint enough to work below it. Nothing of it is clicked or read aloud. */
export class Watermark {
  readonly #canvas = build('canvas', { class: 'watermark', 'aria-hidden': 'true' });
  #text = '';

  attach(stage: HTMLElement, signal: AbortSignal): void {
    stage.append(this.#canvas);
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
    // To be seen on light and on dark.
    context.fillStyle = 'rgb(128 128 128 / 28%)';
    const step = context.measureText(this.#text).width + GAP_PX;
    const reach = width + height;
    for (let row = 0, y = -reach; y < 2 * reach; y += GAP_PX, row++)
      for (let x = -reach + (row % 2) * (step / 2); x < 2 * reach; x += step) context.fillText(this.#text, x, y);
  }
}
