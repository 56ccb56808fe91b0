import type { Region } from '#contract/screenshot';
import type { Size } from '../input/words.ts';

/** A part of the desktop was asked for that is not there. */
export class RegionOutside extends Error {
  override readonly name = 'RegionOutside';
}

/**
 * One picture of the desktop in gst-launch's words, lossless. Compressed at the lowest level that compresses: of a desktop a higher one
 * saves little, and takes several times as long. Throws RegionOutside.
 */
export function toScreenshotPipeline(display: string, size: Size, region?: Region): string {
  return [
    `ximagesrc display-name=${display} use-damage=0 show-pointer=false num-buffers=1${region ? ` ${toEdges(size, region)}` : ''}`,
    'videoconvert n-threads=1',
    'capsfilter caps=video/x-raw,format=RGB',
    'pngenc compression-level=1',
    'appsink name=sink sync=false max-buffers=1 emit-signals=false',
  ].join(' ! ');
}

/** The last row and column are named, not the first that are left out. */
function toEdges(size: Size, { x, y, width, height }: Region): string {
  if (x >= size.width || y >= size.height)
    throw new RegionOutside(`${x},${y} is outside of the desktop, which has ${size.width}×${size.height} pixels`);
  const [endx, endy] = [Math.min(x + width, size.width) - 1, Math.min(y + height, size.height) - 1];
  return `startx=${x} starty=${y} endx=${endx} endy=${endy}`;
}
