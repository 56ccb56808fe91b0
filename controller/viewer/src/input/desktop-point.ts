export type Point = { x: number; y: number };
export type Size = { width: number; height: number };
export type Box = Point & Size;

/** Where a picture is shown inside a box: as large as fits, in the middle, its aspect kept (`object-fit: contain`). */
export function toPictureBox(box: Box, picture: Size): Box {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}

/**
 * The desktop's pixel under a point of the page. A point on the bars beside the picture is the nearest edge's pixel; undefined
 * while there is nothing to point at. `picture` is the video's size, which may be a scaled desktop.
 */
export function toDesktopPoint(point: Point, box: Box, picture: Size, desktop: Size): Point | undefined {
  if (![box, picture, desktop].every(({ width, height }) => width > 0 && height > 0)) return undefined;
  const shown = toPictureBox(box, picture);
  return {
    x: toPixel((point.x - shown.x) / shown.width, desktop.width),
    y: toPixel((point.y - shown.y) / shown.height, desktop.height),
  };
}

/** How far a motion on the page is on the desktop, fractions included; undefined while there is nothing to move on. */
export function toDesktopMotion(motion: Point, box: Size, picture: Size, desktop: Size): Point | undefined {
  if (![box, picture, desktop].every(({ width, height }) => width > 0 && height > 0)) return undefined;
  // A DOMRect has its sides in its prototype: spread, it is empty.
  const shown = toPictureBox({ x: 0, y: 0, width: box.width, height: box.height }, picture);
  return { x: (motion.x * desktop.width) / shown.width, y: (motion.y * desktop.height) / shown.height };
}

/** Sums of pixels and their quotients are not exact: 0.9999999 of a pixel to the left of one is that one. */
const ROUNDING = 1e-6;

const toPixel = (fraction: number, length: number) => Math.min(length - 1, Math.max(0, Math.floor(fraction * length + ROUNDING)));
