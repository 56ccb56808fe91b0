import type { ControlEvent } from '#contract/input';

export type CursorShape = Pick<Extract<ControlEvent, { t: 'cursor' }>, 'png' | 'width' | 'height' | 'hotX' | 'hotY'>;

/** Browsers show no larger cursor. https://developer.mozilla.org/docs/Web/CSS/cursor#icon_size_limits */
const MOST_PIXELS = 128;

/**
 * The CSS `cursor` for a shape that the desktop sent: drawn by the browser, so that it follows the hand and not the video.
 * Text that could end the url() or is no base64 is never put into it.
 */
export function toCssCursor({ png, width, height, hotX, hotY }: CursorShape): string {
  if (width === 0 || height === 0) return 'none';
  if (width > MOST_PIXELS || height > MOST_PIXELS || !/^[A-Za-z0-9+/]+=*$/.test(png)) return 'default';
  return `url("data:image/png;base64,${png}") ${toHot(hotX, width)} ${toHot(hotY, height)}, default`;
}

const toHot = (hot: number, length: number) => Math.min(length - 1, Math.max(0, Math.trunc(hot) || 0));
