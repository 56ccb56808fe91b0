import { toMedian } from '../kit/stats.ts';
import { alignColumns, toMs, type Row } from '../kit/table.ts';
import { toVerdict } from '../kit/target.ts';
import type { Block, Sample } from './measure.ts';
import { SCENES, type SceneName } from './scenes.ts';
import type { VariantName } from './variants.ts';

/** Rival's name and the part of its p50 that Oriel's may be; undefined: told, not wanted. */
const RATIOS: [VariantName, number | undefined][] = [
  ['x11vnc default', 0.45],
  ['x11vnc tuned', undefined],
];
/** The same on a link that is far; only TEX counts there. */
const FAR_RATIOS: typeof RATIOS = [
  ['x11vnc default', undefined],
  ['x11vnc tuned', 0.5],
];

type Pick = (sample: Sample) => number | undefined;

/** Where a press and its picture are, ms after the page sent it; decoding and reading are durations. */
const STAGES: { name: string; pick: Pick }[] = [
  { name: 'drawn', pick: ({ paintMs }) => paintMs },
  { name: 'received', pick: ({ receivedMs }) => receivedMs },
  { name: 'decoding', pick: ({ decodeMs }) => decodeMs },
  { name: 'presented', pick: ({ presentedMs }) => presentedMs },
  { name: 'read', pick: ({ ms }) => ms },
  { name: 'reading', pick: ({ readMs }) => readMs },
];

/** Blocks of one variant on one scene are one row. */
export function toRows(blocks: readonly Block[]): Row[] {
  return toGroups(blocks).map(({ name, blocks }) => ({ name, samples: toSamples(blocks) }));
}

export function toLines(blocks: readonly Block[], isFar = false): string[] {
  return [
    'Medians on the way, ms after the page sent the press: drawn by X; last packet received; time of decoding; given to the compositor; read; what the reading took',
    ...toStages(blocks).split('\n'),
    '',
    'Medians of each start',
    ...toGroups(blocks).map(({ name, blocks }) => `${name}: ${blocks.map((block) => toMs(toMedian(toSamples([block])))).join(', ')}`),
    '',
    ...(isFar ? [] : toVerdicts(blocks)),
    ...toRatios(blocks, isFar),
    ...toLost(blocks),
  ];
}

/** Every press of every block, for who looks into one: tenths of ms, null where there is none. */
export function toDetails(blocks: readonly Block[]): unknown {
  return blocks.map(({ start, variant, scene, samples }) => {
    const stages = STAGES.map(({ name, pick }) => [name, samples.map((sample) => toTenths(pick(sample)))]);
    return { start, variant, scene, ...Object.fromEntries(stages) };
  });
}

function toTenths(ms: number | undefined): number | null {
  return ms === undefined || Number.isNaN(ms) ? null : Math.round(ms * 10) / 10;
}

function toGroups(blocks: readonly Block[]): { name: string; blocks: Block[] }[] {
  const groups = Map.groupBy(
    blocks.toSorted((a, b) => toName(a).localeCompare(toName(b)) || a.start - b.start),
    toName,
  );
  return [...groups].map(([name, blocks]) => ({ name, blocks }));
}

function toName({ scene, variant }: Block): string {
  return `${scene} ${variant}`;
}

function toSamples(blocks: readonly Block[]): number[] {
  return blocks.flatMap(({ samples }) => samples.flatMap(({ ms }) => ms ?? []));
}

function toStages(blocks: readonly Block[]): string {
  const lines = toGroups(blocks).map(({ name, blocks }) => [name, ...STAGES.map(({ pick }) => toMedianText(blocks, pick))]);
  return alignColumns([['', ...STAGES.map(({ name }) => name)], ...lines]);
}

function toMedianText(blocks: readonly Block[], pick: Pick): string {
  const values = blocks.flatMap(({ samples }) => samples.flatMap((sample) => pick(sample) ?? []));
  return values.length > 0 ? toMs(toMedian(values)) : '–';
}

function toVerdicts(blocks: readonly Block[]): string[] {
  return toScenes(blocks).flatMap((scene) => {
    const samples = toSamples(blocks.filter((block) => block.scene === scene && block.variant === 'oriel'));
    return samples.length > 0 ? [toVerdict({ name: SCENES[scene].title, samples, most: SCENES[scene].most })] : [];
  });
}

/** Oriel's median divided by the rival's in the same start: their median, and how far they lie apart. */
function toRatios(blocks: readonly Block[], isFar: boolean): string[] {
  return toScenes(blocks).flatMap((scene) =>
    (isFar ? FAR_RATIOS : RATIOS).flatMap(([rival, limit]) => {
      const most = isFar && scene !== 'texture' ? undefined : limit;
      const ratios = toPairs(blocks, scene, rival);
      if (ratios.length === 0) return [];
      const median = toMedian(ratios);
      const verdict = most === undefined ? '' : median <= most ? `, ≤ ${most} met` : `, > ${most} MISSED`;
      const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
      return [`${scene}: oriel / ${rival}, p50: ${median.toFixed(2)} (${spread} over ${ratios.length} starts)${verdict}`];
    }),
  );
}

function toPairs(blocks: readonly Block[], scene: SceneName, rival: VariantName): number[] {
  const median = (start: number, variant: VariantName) => {
    const samples = toSamples(blocks.filter((block) => block.start === start && block.scene === scene && block.variant === variant));
    return samples.length > 0 ? toMedian(samples) : undefined;
  };
  return [...new Set(blocks.map(({ start }) => start))].flatMap((start) => {
    const [ours, theirs] = [median(start, 'oriel'), median(start, rival)];
    return ours !== undefined && theirs !== undefined ? [ours / theirs] : [];
  });
}

function toLost(blocks: readonly Block[]): string[] {
  return toGroups(blocks).flatMap(({ name, blocks }) => {
    const lost = blocks.flatMap(({ samples }) => samples).filter(({ ms }) => ms === undefined).length;
    return lost > 0 ? [`${name}: ${lost} presses changed nothing on the page in time; they are in no number above`] : [];
  });
}

function toScenes(blocks: readonly Block[]): SceneName[] {
  return (Object.keys(SCENES) as SceneName[]).filter((scene) => blocks.some((block) => block.scene === scene));
}
