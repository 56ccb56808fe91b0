/** What is told of a row of samples. All in the samples' own unit. */
export interface Summary {
  n: number;
  median: number;
  p95: number;
  p99: number;
  min: number;
  max: number;
}

/** Throws for no samples: a row without any is a bench that did not measure. */
export function toSummary(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error('no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    n: sorted.length,
    median: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99),
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
}

export function toMedian(samples: readonly number[]): number {
  return toSummary(samples).median;
}

/** The least sample that at least `percent` of all are not above (nearest rank): always one that was measured. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]!;
}
