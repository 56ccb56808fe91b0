import { spawnSync } from 'node:child_process';

/** ms that a quiet machine of two cores takes to start a process that touches 64 MiB. */
const QUIET_MS = 80;
const TRIES = 3;
/** Slower than that is not slow, but broken. */
const MOST = 4;

/**
 * How many times slower than a quiet machine this one was when the runner began this file: by it limits in time are
 * multiplied, which are a quiet machine's. 1 where no runner told.
 */
export const PACE = Number(process.env.ORIEL_TEST_PACE ?? 1);

/**
 * Measures how many times slower than a quiet machine this one is now, 1 to 4. A shared machine can be three times slower for
 * an hour, in starting processes and giving memory above all. What a quiet machine really takes is what bench/ measures.
 */
export function measurePace(): number {
  const taken = Array.from({ length: TRIES }, () => {
    const started = performance.now();
    spawnSync(process.execPath, ['-e', 'Buffer.alloc(64 << 20, 1)']);
    return performance.now() - started;
  });
  const median = taken.sort((a, b) => a - b)[Math.floor(TRIES / 2)]!;
  return Math.min(MOST, Math.max(1, Math.round((median / QUIET_MS) * 10) / 10));
}
