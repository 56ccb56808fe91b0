import type { StreamSettings } from './encoder.ts';

/** Of what the link carries: the rest is for what is lost and sent again, and for the encoder's overshoot. */
const SHARE = 0.95;
const LEAST_KBPS = 100;
/** Least rate, kbit/s, for so many frames a second: fewer, each with enough bits to be read, are better than many that are blurred. */
const FRAMERATES: readonly [kbps: number, framerate: number][] = [
  [2500, 60],
  [1200, 30],
  [600, 20],
  [300, 12],
  [0, 8],
];
/** A smaller change is not worth an encoder's new calculation. */
const STEP = 0.03;

/** What the encoder is set to for a link that carries `targetKbps`; never more than `most`. */
export function toSettings(targetKbps: number, most: StreamSettings): StreamSettings {
  const bitrateKbps = targetKbps >= most.bitrateKbps ? most.bitrateKbps : Math.max(LEAST_KBPS, Math.round(SHARE * targetKbps));
  const [, framerate] = FRAMERATES.find(([kbps]) => bitrateKbps >= kbps)!;
  return { bitrateKbps, framerate: bitrateKbps === most.bitrateKbps ? most.framerate : Math.min(most.framerate, framerate) };
}

export function isOther(a: StreamSettings, b: StreamSettings): boolean {
  return a.framerate !== b.framerate || Math.abs(a.bitrateKbps - b.bitrateKbps) > STEP * b.bitrateKbps;
}
