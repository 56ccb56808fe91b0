import type { Result } from '../network.ts';
import { toSummary } from '../kit/stats.ts';
import type { Row } from '../kit/table.ts';

/** Wanted of Oriel's viewer. */
const MOST_QUEUE_MS = 150;
const LEAST_GOODPUT = 0.7;
const MOST_FREEZE_MS = 1000;
const OUTAGE_MS = 2000;
const MOST_RECOVERY_MS = 2000;

/** Drawn by the X server → seen by the page. */
export function toRows(results: readonly Result[]): Row[] {
  return results.map(({ link, variant, delaysMs }) => ({ name: `${link}: ${variant}`, samples: delaysMs }));
}

export function toLines(results: readonly Result[]): string[] {
  return results.map((result) => {
    const { link, variant, fps, kbps, goodput, queueP95Ms, longestMs, delaysMs } = result;
    const delay = delaysMs.length > 0 ? `${Math.round(toSummary(delaysMs).p95)} ms behind at p95` : 'no picture';
    const words = `${fps.toFixed(1)} pictures/s, ${delay}, longest pause ${Math.round(longestMs)} ms, queue p95 ${queueP95Ms} ms, ${Math.round(kbps)} kbit/s (${Math.round(goodput * 100)} %)`;
    return `${link}: ${variant}: ${words}${variant === 'oriel' ? `: ${toVerdict(result)}` : ''}`;
  });
}

function toVerdict({ link, freezesMs, queueP95Ms, goodput }: Result): string {
  const hasOutage = link.includes('away');
  const most = hasOutage ? OUTAGE_MS + MOST_RECOVERY_MS : MOST_FREEZE_MS;
  const missed = [
    ...(freezesMs.some((ms) => ms > most) || freezesMs.length > (hasOutage ? 1 : 0) ? ['pauses'] : []),
    ...(queueP95Ms > MOST_QUEUE_MS ? ['queue'] : []),
    ...(goodput < LEAST_GOODPUT ? ['share of the link'] : []),
  ];
  return missed.length === 0 ? 'met' : `MISSED: ${missed.join(', ')}`;
}
