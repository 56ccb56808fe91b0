import { PHASES, type Session } from '#contract/session';
import { isOver } from '../../src/session-watch.ts';

export interface Bar {
  name: string;
  /** After the session was asked for, ms. */
  fromMs: number;
  ms: number;
  state: 'done' | 'running' | 'failed' | 'waiting';
}

/**
 * A session's phases as bars on one line of time, to `now` for what still runs. The first is the image, which has no phase of its own:
 * a session waits for it before the others. A session that failed did so in the last that began.
 */
export function toBars({ createdAt, updatedAt, status, phases }: Session, now: number): Bar[] {
  const start = Date.parse(createdAt);
  const end = isOver(status) ? Math.min(now, Date.parse(updatedAt)) : now;
  const firstMs = (phases[0] ? Date.parse(phases[0].startedAt) : end) - start;
  const isImageLast = phases.length === 0;
  const image: Bar = { name: 'image', fromMs: 0, ms: Math.max(0, firstMs), state: toState(status, isImageLast, !isImageLast) };
  const begun = phases.map(({ name, startedAt, endedAt, ms }, index): Bar => {
    const fromMs = Math.max(0, Date.parse(startedAt) - start);
    const lasted = ms ?? Math.max(0, end - start - fromMs);
    return { name, fromMs, ms: lasted, state: toState(status, index === phases.length - 1, endedAt !== undefined) };
  });
  const missing = isOver(status) ? [] : PHASES.slice(phases.length);
  return [image, ...begun, ...missing.map((name): Bar => ({ name, fromMs: 0, ms: 0, state: 'waiting' }))];
}

/** Length of the line of time, ms; never 0. */
export function toTotalMs(bars: readonly Bar[]): number {
  return Math.max(1, ...bars.map(({ fromMs, ms }) => fromMs + ms));
}

function toState(status: Session['status'], isLast: boolean, hasEnded: boolean): Bar['state'] {
  if (status === 'failed' && isLast) return 'failed';
  return hasEnded || isOver(status) ? 'done' : 'running';
}
