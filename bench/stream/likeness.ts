import { ssim } from 'ssim.js';

/** Of a picture's upper left corner: see bench/targets/motion.c. */
const [SQUARE, BITS] = [16, 16];

interface Luma {
  width: number;
  height: number;
  luma: Uint8Array;
}

/** The number that the desktop's program drew into a picture. */
export function readCount({ width, luma }: Luma): number {
  const at = (bit: number) => luma[(SQUARE / 2) * width + bit * SQUARE + SQUARE / 2]!;
  return Array.from({ length: BITS }, (_, bit) => (at(bit) > 127 ? 1 << bit : 0)).reduce((sum, value) => sum + value, 0);
}

/** BT.601 in the range of video, as the capture makes it of the X server's pixels (libyuv’s ARGBToI420). */
export function toLuma(bgrx: Uint8Array, width: number, height: number): Luma {
  const luma = new Uint8Array(width * height);
  for (let pixel = 0; pixel < luma.length; pixel++) {
    const [blue, green, red] = [bgrx[4 * pixel]!, bgrx[4 * pixel + 1]!, bgrx[4 * pixel + 2]!];
    luma[pixel] = 16 + ((66 * red + 129 * green + 25 * blue + 128) >> 8);
  }
  return { width, height, luma };
}

/** Structural similarity of the brightness, as Wang et al. (2004) have it, in full size: 1 is the same. */
export function toLikeness(a: Luma, b: Luma): number {
  if (a.width !== b.width || a.height !== b.height) throw new Error(`${a.width}×${a.height} and ${b.width}×${b.height} are not compared`);
  return ssim(toGrey(a), toGrey(b), { downsample: false, ssim: 'original' }).mssim;
}

/** The part that has text on it: bench/targets/motion.c has photographs to the right of it, with a little noise that takes an encoder longest. */
export function toText({ width, height, luma }: Luma): Luma {
  const column = Math.floor((width * 2) / 3);
  const part = new Uint8Array(column * height);
  for (let y = 0; y < height; y++) part.set(luma.subarray(y * width, y * width + column), y * column);
  return { width: column, height, luma: part };
}

function toGrey({ width, height, luma }: Luma) {
  const data = new Uint8ClampedArray(4 * luma.length);
  for (let pixel = 0; pixel < luma.length; pixel++) data.fill(luma[pixel]!, 4 * pixel, 4 * pixel + 3);
  return { width, height, data };
}
