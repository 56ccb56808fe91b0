import type { Config } from '../../controller/src/config.ts';

/** `broken`: desktops do not start, or something is left over. `note`: worth knowing. `unknown`: it could not be looked at. */
export interface Finding {
  what: string;
  state: 'ok' | 'note' | 'broken' | 'unknown';
  /** What was seen. */
  text: string;
  /** What to do about it; missing where there is nothing to do. */
  todo?: string;
}

export type Seen = Omit<Finding, 'what'>;
export type Look = (config: Config) => Promise<Seen>;

export const ok = (text: string): Seen => ({ state: 'ok', text });
export const note = (text: string, todo?: string): Seen => ({ state: 'note', text, ...(todo !== undefined && { todo }) });
export const broken = (text: string, todo: string): Seen => ({ state: 'broken', text, todo });

/** A look that failed. Without root some things cannot be seen: that is no fault of the host. */
export function toFailed(error: Error, isRoot: boolean): Seen {
  return isRoot
    ? broken(error.message, 'mend what it names; just doctor looks again')
    : { state: 'unknown', text: error.message, todo: 'look again as root, who sees more' };
}

/** 0: nothing is broken. 1: something is. 2: nothing that was looked at is, but not all could be. */
export function toExitCode(findings: readonly Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === 'broken')) return 1;
  return findings.some(({ state }) => state === 'unknown') ? 2 : 0;
}
