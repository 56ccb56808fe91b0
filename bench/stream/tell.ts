import { toMedian, toSummary } from '../kit/stats.ts';
import type { Row } from '../kit/table.ts';
import { REST_MS, type Flow, type Measured } from '../stream.ts';
import { SCENES, WANTED } from './scenes.ts';

/** Drawn by the X server → seen by the page. */
export function toRows(measured: readonly Measured[]): Row[] {
  return (['scroll', 'film'] as const).map((name) => ({ name, samples: measured.flatMap((one) => one[name].delaysMs) }));
}

/** Medians over the starts; of likeness the least of all pictures, too. */
export function toLines(measured: readonly Measured[]): string[] {
  const median = (pick: (one: Measured) => number) => toMedian(measured.map(pick));
  const scrolled = measured.flatMap(({ scroll }) => scroll.likeness);
  return [
    `a desktop at rest: ${toUse(measured, ({ idle }) => idle)}: ${toVerdict([
      ['processor', median(({ idle }) => idle.machinePercent) <= WANTED.idleCpuPercent],
      ['rate', median(({ idle }) => idle.kbps) <= WANTED.idleKbps],
    ])}`,
    `${SCENES.scroll.title}: ${toUse(measured, ({ scroll }) => scroll)}, likeness ${toLike(scrolled)}: ${toVerdict([
      ['processor', median(({ scroll }) => scroll.machinePercent) <= WANTED.scrollCpuPercent],
      ['rate', median(({ scroll }) => scroll.kbps) <= WANTED.scrollKbps],
      ['likeness', toMedian(scrolled) >= WANTED.scrollLikeness],
    ])}`,
    `${SCENES.film.title}: ${toUse(measured, ({ film }) => film)}: ${toVerdict([
      ['pictures', median(({ film }) => film.seen / film.drawn) >= WANTED.filmShare],
    ])}`,
    ...REST_MS.map((ms, index) => {
      const pages = measured.flatMap(({ rest }) => rest);
      const [text, all] = (['text', 'all'] as const).map((part) => pages.map((page) => page[part][index]!)) as [number[], number[]];
      const verdict = ms === WANTED.restMs ? `: ${toVerdict([['likeness', Math.min(...text) >= WANTED.restLikeness]])}` : '';
      return `${SCENES.rest.title}: ${ms} ms after it was drawn likeness of its text ${toLike(text)}, of all ${toLike(all)}${verdict}`;
    }),
  ];
}

function toUse(measured: readonly Measured[], pick: (one: Measured) => Flow): string {
  const flows = measured.map(pick);
  const median = (of: (flow: Flow) => number) => toMedian(flows.map(of));
  const pictures = flows.some(({ drawn }) => drawn > 0)
    ? `, ${flows.reduce((sum, { seen }) => sum + seen, 0)} of ${flows.reduce((sum, { drawn }) => sum + drawn, 0)} pictures seen`
    : '';
  const use = `${median(({ machinePercent }) => machinePercent).toFixed(1)} % of a processor in the machine`;
  return `${use} (${median(({ streamPercent }) => streamPercent).toFixed(1)} % agent and capture), ${Math.round(median(({ kbps }) => kbps))} kbit/s${pictures}`;
}

function toLike(likeness: readonly number[]): string {
  const { median, min } = toSummary(likeness);
  return `${median.toFixed(3)} (least ${min.toFixed(3)} of ${likeness.length})`;
}

function toVerdict(wanted: readonly [name: string, isMet: boolean][]): string {
  const missed = wanted.filter(([, isMet]) => !isMet).map(([name]) => name);
  return missed.length === 0 ? 'met' : `MISSED: ${missed.join(', ')}`;
}
