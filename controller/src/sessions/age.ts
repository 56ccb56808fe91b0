import type { BootTime } from '../host/boot-time.ts';

/** When something began, by both clocks; a release before wrote down the host's time alone. */
export interface Birth {
  /** ISO 8601. */
  createdAt: string;
  born?: BootTime | undefined;
}

/** For sorting, the oldest first: within one boot whatever the host's time was then. */
export function compareBirths(a: Birth, b: Birth): number {
  if (a.born && a.born.bootId === b.born?.bootId) return a.born.ms - b.born.ms;
  return Date.parse(a.createdAt) - Date.parse(b.createdAt);
}

/**
 * How long ago that was, ms, whichever controller looks. Only over a boot of the host, which no machine lives through, it is the
 * host's time that counts, and that may have jumped.
 */
export function toAgeMs({ createdAt, born }: Birth, now: BootTime, wallMs = Date.now()): number {
  return Math.max(0, born?.bootId === now.bootId ? now.ms - born.ms : wallMs - Date.parse(createdAt));
}
