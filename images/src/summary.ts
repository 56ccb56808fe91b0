import type { Manifest } from './manifest.ts';
import { toMegabytes } from './progress.ts';
import type { Sizes } from './sizes.ts';

const LARGEST = 20;
/** Changes of one kind that are named; the rest is counted. */
const NAMED = 12;

/** Of an image's manifest, what a summary needs. Images of before have no sizes. */
export type Summed = Pick<Manifest, 'id' | 'rootfs' | 'packages'> & { sizes?: Sizes };

/** What a person wants to know after a build, for a terminal: what each layer costs, what is largest, what is new. */
export function toSummary(now: Summed, before?: Summed): string {
  const { sizes } = now;
  return [
    ...(sizes ? [toLayerTable(sizes), '', toLargest(sizes), ''] : []),
    `${toMegabytes(now.rootfs.bytes)} packed${sizes ? `, ${toMegabytes(sizes.total)} unpacked` : ''}, ${now.packages.length} packages`,
    ...(before ? [toChanges(before, now)] : []),
  ].join('\n');
}

/** A line per layer, in the image's order. */
export function toLayerTable({ layers, generated, total }: Sizes): string {
  const rows = [
    ['layer', 'packages', 'of packages', 'own files'],
    ...layers.map(({ name, packages, packageBytes, fileBytes }) => [
      name,
      String(packages),
      toMegabytes(packageBytes),
      toMegabytes(fileBytes),
    ]),
    ['(generated)', '', '', toMegabytes(generated)],
    ['together', String(layers.reduce((sum, { packages }) => sum + packages, 0)), '', toMegabytes(total)],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => row.map((word, column) => (column === 0 ? word.padEnd(widths[0]!) : word.padStart(widths[column]!))).join('  '))
    .join('\n');
}

/** The largest packages in a few lines. */
export function toLargest({ packages }: Sizes, width = 100): string {
  const largest = Object.entries(packages)
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .slice(0, LARGEST)
    .map(([name, bytes]) => `${name} ${toMegabytes(bytes)}`);
  return wrap(`the ${largest.length} largest packages, unpacked:`, largest, width);
}

/** What one image has that the other had not. */
export function toChanges(before: Summed, now: Summed): string {
  if (before.id === now.id) return 'nothing changed';
  const [old, fresh] = [toVersions(before), toVersions(now)];
  const kinds = [
    toLine(
      'packages added',
      [...fresh].filter(([name]) => !old.has(name)).map(([name, version]) => `${name} ${version}`),
    ),
    toLine(
      'packages removed',
      [...old].filter(([name]) => !fresh.has(name)).map(([name, version]) => `${name} ${version}`),
    ),
    toLine(
      'packages with another version',
      [...fresh]
        .filter(([name, version]) => old.has(name) && old.get(name) !== version)
        .map(([name, version]) => `${name} ${old.get(name)} → ${version}`),
    ),
    toLine('files changed', diffFiles(before.sizes?.files, now.sizes?.files)),
  ].filter(Boolean);
  return [
    `since ${before.id.slice(0, 12)}: ${toDifference(before.rootfs.bytes, now.rootfs.bytes)} packed`,
    ...kinds.map((line) => `  ${line}`),
  ].join('\n');
}

function toVersions({ packages }: Summed): Map<string, string> {
  return new Map(packages.map(({ name, version }) => [name, version]));
}

/** Paths of our own files: `+` is new, `-` is gone. */
function diffFiles(old: Record<string, string> | undefined, fresh: Record<string, string> | undefined): string[] {
  if (!old || !fresh) return [];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
    .sort()
    .filter((path) => old[path] !== fresh[path])
    .map((path) => `${old[path] === undefined ? '+' : fresh[path] === undefined ? '-' : ''}${path}`);
}

function toLine(title: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : '';
  return `${title}: ${names.slice(0, NAMED).join(', ')}${more}`;
}

function toDifference(before: number, now: number): string {
  return `${now < before ? '−' : '+'}${toMegabytes(Math.abs(now - before))}`;
}

function wrap(title: string, words: readonly string[], width: number): string {
  const lines = [title];
  for (const word of words) {
    const last = lines.at(-1)!;
    if (lines.length > 1 && last.length + word.length + 3 <= width) lines[lines.length - 1] = `${last} · ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}
