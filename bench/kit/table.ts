import { toSummary } from './stats.ts';

/** One line of a bench's table. */
export interface Row {
  name: string;
  /** Milliseconds, in the order in which they were measured. */
  samples: number[];
}

/** Rows as a person reads them: a name, then n, median, p95, p99, min, max in one width. */
export function toTable(rows: readonly Row[]): string {
  const columns = ['n', 'median', 'p95', 'p99', 'min', 'max'] as const;
  const lines = rows.map(({ name, samples }) => {
    if (samples.length === 0) return [name, '0', ...columns.slice(1).map(() => '–')];
    const summary = toSummary(samples);
    return [name, ...columns.map((column) => (column === 'n' ? String(summary.n) : toMs(summary[column])))];
  });
  return alignColumns([['ms', ...columns], ...lines]);
}

/** Words in columns: the first to the left, numbers to the right. */
export function alignColumns(lines: readonly string[][]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((words) => words[column]!.length)));
  return lines
    .map((words) => words.map((word, column) => (column === 0 ? word.padEnd(widths[0]!) : word.padStart(widths[column]!))).join('  '))
    .join('\n');
}

/** Tenths below 100 ms, whole milliseconds above. */
export function toMs(ms: number): string {
  return Math.abs(ms) < 100 && !Number.isInteger(ms) ? ms.toFixed(1) : String(Math.round(ms));
}
