import type { Suite } from './suite.ts';

/** Whether this is the long form: `just nightly`, `just fuzz`. */
export const isLong = process.env.ORIEL_LONG === '1';

/** What makes a suite's tests that take minutes: they run in the long form alone. */
export function nightly(test: Suite): (...words: Parameters<Suite>) => void {
  return isLong ? test : (title) => test.skip(title, 'it takes minutes: just nightly');
}
