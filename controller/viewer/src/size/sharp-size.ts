import type { Size } from '../input/desktop-point.ts';

/** Pixels of the device that the stage may have more than the picture: what is left where a desktop's size is even. */
const REST_PIXELS = 1;

/**
 * The picture's size in CSS pixels when each of its pixels is to be one of the device, as it is where the desktop follows the stage;
 * undefined when it has to be scaled. `stage` is in both units.
 */
export function toSharpSize(picture: Size, stage: { css: Size; device: Size }): Size | undefined {
  const { css, device } = stage;
  const isClose = (name: 'width' | 'height') => device[name] >= picture[name] && device[name] - picture[name] <= REST_PIXELS;
  if (picture.width === 0 || picture.height === 0 || !isClose('width') || !isClose('height')) return undefined;
  return { width: (picture.width * css.width) / device.width, height: (picture.height * css.height) / device.height };
}
