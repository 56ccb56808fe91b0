import type { Session } from '#contract/session';
import { make } from './dom.ts';
import { toBars, toTotalMs, type Bar } from './waterfall.ts';
import { toSeconds } from './words.ts';

/** All phases in one line, for the list. */
export function drawStrip(strip: HTMLElement, session: Session, now: number): void {
  const bars = toBars(session, now);
  const total = toTotalMs(bars);
  strip.replaceChildren(...bars.filter(({ state }) => state !== 'waiting').map((bar) => toSegment(bar, total)));
  strip.setAttribute('title', bars.map(({ name, ms }) => `${name} ${toSeconds(ms)}`).join(', '));
}

/** A line for each phase. */
export function drawWaterfall(list: HTMLElement, session: Session, now: number): void {
  const bars = toBars(session, now);
  const total = toTotalMs(bars);
  list.replaceChildren(...bars.map((bar) => toLine(bar, total)));
}

function toLine(bar: Bar, total: number): HTMLElement {
  const track = make('span', { class: 'track' }, toSegment(bar, total));
  const words = bar.state === 'waiting' ? 'waiting' : `${toSeconds(bar.ms)}${bar.state === 'done' ? '' : `, ${bar.state}`}`;
  return make('li', { class: bar.state }, make('span', { class: 'name' }, bar.name), track, make('span', { class: 'number' }, words));
}

function toSegment({ name, fromMs, ms, state }: Bar, total: number): HTMLElement {
  const segment = make('span', { class: `segment ${name} ${state}` });
  segment.style.insetInlineStart = `${(100 * fromMs) / total}%`;
  segment.style.width = `${(100 * ms) / total}%`;
  return segment;
}
