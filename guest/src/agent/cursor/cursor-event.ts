import type { ControlEvent } from '#contract/input';
import { PNG } from 'pngjs';
import type { CursorShape } from '../stream/capture/records.ts';

/** A cursor as viewers take it: PNG, whose colours are not multiplied by alpha as X's are. */
export function toCursorEvent({ pixels, width, height, hotX, hotY }: CursorShape): Extract<ControlEvent, { t: 'cursor' }> {
  const png = new PNG({ width, height });
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3]!;
    for (let colour = 0; colour < 3; colour++)
      png.data[at + colour] = alpha && Math.min(255, Math.round((pixels[at + 2 - colour]! * 255) / alpha));
    png.data[at + 3] = alpha;
  }
  return { t: 'cursor', png: PNG.sync.write(png).toString('base64'), width, height, hotX, hotY };
}
