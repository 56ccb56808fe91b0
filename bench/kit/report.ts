import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import prettier from 'prettier';
import { readCommit, type Machine } from './facts.ts';
import { toSummary } from './stats.ts';
import { toTable, type Row } from './table.ts';

/** What a bench measured. */
export interface Report {
  /** Of the file that it is written to; the bench's own when missing. */
  name?: string;
  rows: Row[];
  /** What it measured on: image, browser, encoder … */
  facts: Record<string, unknown>;
  /** Said below the table, one text a line: targets, ratios, failures. */
  lines: string[];
  /** Kept with the result, not printed. */
  details?: unknown;
}

const RESULTS = join(import.meta.dirname, '../results');

export function printReport({ rows, facts, lines }: Report): void {
  console.log(`\n${toTable(rows)}\n`);
  for (const [name, value] of Object.entries(facts)) console.log(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  if (lines.length > 0) console.log(`\n${lines.join('\n')}`);
}

/** Writes bench/results/NAME.json, from which README quotes; gives its path. */
export async function writeReport(
  command: string[],
  machine: Machine,
  { name = command[0], rows, facts, lines, details }: Report,
): Promise<string> {
  const path = join(RESULTS, `${name}.json`);
  const result = {
    command: ['just', 'bench', ...command].join(' '),
    date: new Date().toISOString(),
    ...(await readCommit()),
    machine,
    facts,
    rows: rows.map(toResult),
    lines,
    ...(details !== undefined && { details }),
  };
  await mkdir(RESULTS, { recursive: true });
  const options = await prettier.resolveConfig(path);
  await writeFile(path, await prettier.format(JSON.stringify(result), { ...options, filepath: path }));
  return path;
}

function toResult({ name, samples }: Row) {
  const tenths = samples.map(toTenths);
  return { name, ...(tenths.length > 0 ? toSummary(tenths) : { n: 0 }), ...(tenths.length <= SAMPLES_MAX && { samples: tenths }) };
}

/** Beyond, the summary is what is kept. */
const SAMPLES_MAX = 1000;

function toTenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
