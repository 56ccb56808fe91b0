import type { Carried } from './shaped-link.ts';
import type { Shown } from './watch-counter.ts';

/** What one viewer saw on one link. */
export interface Judgement {
  /** From a picture's being drawn by the X server to its being seen by the page. */
  delaysMs: number[];
  /** Different pictures seen, in a second. */
  fps: number;
  /** Times of more than a second without a new picture. */
  freezesMs: number[];
  longestMs: number;
  queueP95Ms: number;
  /** Of what the link could have carried. */
  goodput: number;
  kbps: number;
}

const FREEZE_MS = 1000;

/** `paints`: when each number was drawn. Numbers that were not drawn in this time (misread, older) are left out. */
export function judge(
  shown: readonly Shown[],
  paints: ReadonlyMap<number, number>,
  span: { from: number; to: number },
  link: { carried: Carried; bits: number },
): Judgement {
  const seen = shown.filter(([count, at]) => {
    const drawn = paints.get(count);
    return drawn !== undefined && at >= drawn && at >= span.from && at <= span.to;
  });
  const times = [span.from, ...seen.map(([, at]) => at), span.to];
  const gaps = times.slice(1).map((at, index) => at - times[index]!);
  const seconds = (span.to - span.from) / 1000;
  return {
    delaysMs: seen.map(([count, at]) => at - paints.get(count)!),
    fps: seen.length / seconds,
    freezesMs: gaps.filter((gap) => gap > FREEZE_MS),
    longestMs: Math.max(...gaps),
    queueP95Ms: toPercentile95(link.carried.waits),
    goodput: link.bits > 0 ? (link.carried.bytes * 8) / link.bits : 0,
    kbps: (link.carried.bytes * 8) / 1000 / seconds,
  };
}

function toPercentile95(waits: Carried['waits']): number {
  const all = waits.reduce((sum, [, packets]) => sum + packets, 0);
  let before = 0;
  for (const [ms, packets] of waits) {
    before += packets;
    if (before >= 0.95 * all) return ms;
  }
  return 0;
}
