import fc from 'fast-check';
import { isLong } from './long.ts';

export { fc };

/** Long runs have as many times more cases, from a seed of their own. */
const LONGER = 10;
/** A case that takes longer hangs. */
const CASE_MS = 10_000;

/** The same in each run of CI: a commit is not red for what another one did. Long runs look elsewhere each time. */
const CI_SEED = 4711;

/**
 * Checks that something holds for many cases; resolves with their number. What is wrong is thrown with the smallest case that was found
 * and the seed, by which all of them come again: CI's by themselves, those of a long run by `ORIEL_FUZZ_SEED=… just fuzz NAME`.
 */
export async function fuzz<T>(cases: fc.Arbitrary<T>, count: number, holds: (value: T) => unknown): Promise<number> {
  const { ORIEL_FUZZ_SEED, ORIEL_FUZZ_PATH: path } = process.env;
  const seed = Number(ORIEL_FUZZ_SEED ?? (isLong ? Math.floor(Math.random() * 2 ** 31) : CI_SEED));
  const numRuns = isLong ? count * LONGER : count;
  console.log(`${numRuns} cases of seed ${seed}`);
  // A property may also say `false`; here what does not throw holds.
  const property = fc.asyncProperty(cases, async (value) => void (await holds(value)));
  const details = await fc.check(property, { seed, numRuns, timeout: CASE_MS, ...(path && { path }) });
  if (details.failed)
    throw new Error(`${toSentence(details.errorInstance)}\n${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
  return numRuns;
}

function toSentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { details } = error as { details?: string };
  return `${error.message}${details ? `\n${details}` : ''}`;
}
