import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Size } from '../../../../src/agent/stream/capture/records.ts';

/** Brightness of every pixel, 0 to 255, row by row. */
export type Luma = Uint8Array;

/** Decodes frames of one size with libvpx's own decoder; the first must be a key frame. */
export function decodeLuma(frames: Pick<Frame, 'data'>[], { width, height }: Size, dir: string): Luma[] {
  writeFileSync(join(dir, 'frames.ivf'), toIvf(frames, { width, height }));
  execFileSync('vpxdec', ['--i420', `--output=${join(dir, 'frames.yuv')}`, join(dir, 'frames.ivf')], { stdio: 'pipe' });
  const pixels = readFileSync(join(dir, 'frames.yuv'));
  const bytes = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return Array.from({ length: pixels.length / bytes }, (_, index) => pixels.subarray(index * bytes, index * bytes + width * height));
}

/** Brightness of grabbed pixels by the same rule as the encoder's (BT.601, 16 to 235). */
export function toLuma(pixels: Buffer): Luma {
  return Uint8Array.from({ length: pixels.length / 4 }, (_, index) => {
    const [blue, green, red] = [pixels[index * 4]!, pixels[index * 4 + 1]!, pixels[index * 4 + 2]!];
    return 16 + Math.round((65.738 * red + 129.057 * green + 25.064 * blue) / 256);
  });
}

/** Likeness of two pictures, dB: 30 is a coarse copy, over 40 one sees no difference. */
export function toPsnr(a: Luma, b: Luma): number {
  if (a.length !== b.length) throw new Error(`pictures of ${a.length} and ${b.length} pixels`);
  const squares = a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
  return squares === 0 ? Infinity : 10 * Math.log10((255 ** 2 * a.length) / squares);
}

/** The frames as a file that decoders read: https://wiki.multimedia.cx/index.php/Duck_IVF */
function toIvf(frames: Pick<Frame, 'data'>[], { width, height }: Size): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF\0\0\x20\0VP80', 0, 'latin1');
  header.writeUInt16LE(width, 12);
  header.writeUInt16LE(height, 14);
  header.writeUInt32LE(1000, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  return Buffer.concat([header, ...frames.flatMap(({ data }, index) => [toFrameHeader(data.length, index), data])]);
}

function toFrameHeader(length: number, index: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(index, 4);
  return header;
}
