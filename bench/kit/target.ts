import { toSummary } from './stats.ts';
import { toMs } from './table.ts';

export type Measure = 'median' | 'p95';

/** What is wanted of a row: that these of its numbers are not above so many ms. */
export interface Target {
  name: string;
  samples: readonly number[];
  most: Partial<Record<Measure, number>>;
}

/** `first frame: median 1512 ≤ 2000 met`. */
export function toVerdict({ name, samples, most }: Target): string {
  if (samples.length === 0) return `${name}: not measured`;
  const summary = toSummary(samples);
  const words = (Object.entries(most) as [Measure, number][]).map(([measure, limit]) => {
    const met = summary[measure] <= limit;
    return `${measure} ${toMs(summary[measure])} ${met ? '≤' : '>'} ${limit} ${met ? 'met' : 'MISSED'}`;
  });
  return `${name}: ${words.join(', ')}`;
}
