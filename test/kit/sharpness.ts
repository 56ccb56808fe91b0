import { PNG } from 'pngjs';
import { readSizes } from './stage.ts';
import type { ViewerPage } from './viewer.ts';

const HEIGHT = 64;

/** For a page on the desktop: a strip along its lower edge of black and white lines, each a pixel wide. */
export const STRIPES = `<style>body::after{content:'';position:fixed;left:0;right:0;bottom:0;height:${HEIGHT}px;background:repeating-linear-gradient(90deg,#000 0 1px,#fff 1px 2px)}</style>`;

/**
 * How far neighbours in the strip are apart on the viewer's own screen, 0 to 255: the mean of its worst piece. A picture that is scaled by
 * a thousandth has places in which all is grey.
 */
export async function readSharpness(viewer: ViewerPage): Promise<number> {
  const { desktop } = await readSizes(viewer);
  // Whole pixels inside it.
  const corner = await viewer.toPage(8, desktop.height - HEIGHT + 8);
  const end = await viewer.toPage(desktop.width - 8, desktop.height - 8);
  const clip = { x: corner.x, y: corner.y, width: end.x - corner.x, height: end.y - corner.y };
  const { data, width, height } = PNG.sync.read(await viewer.page.screenshot({ clip }));
  const row = Math.floor(height / 2) * width;
  const steps = Array.from({ length: width - 1 }, (_, x) => Math.abs(data[(row + x) * 4]! - data[(row + x + 1) * 4]!));
  const pieces = Array.from({ length: Math.floor(steps.length / 8) }, (_, index) => steps.slice(index * 8, index * 8 + 8));
  return Math.min(...pieces.map((piece) => piece.reduce((sum, step) => sum + step, 0) / piece.length));
}
