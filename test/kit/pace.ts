import { spawnSync } from 'node:child_process';

/** ms that a quiet machine of two cores takes to start a process that touches 64 MiB. */
const QUIET_MS = 80;
const TRIES = 5;
/** Slower than that is not slow, but broken. */
const MOST = 4;

/**
 * How many times slower than a quiet machine this one is now, 1 to 4: by it limits in time are multiplied, which are a quiet
 * machine's. A shared machine can be three times slower for an hour, in starting processes and giving memory above all. What a
 * quiet machine really takes is what bench/ measures.
 */
export function measurePace(): number {
  const taken = Array.from({ length: TRIES }, () => {
    const started = performance.now();
    spawnSync(process.execPath, ['-e', 'Buffer.alloc(64 << 20, 1)']);
    return performance.now() - started;
  });
  const median = taken.sort((a, b) => a - b)[Math.floor(TRIES / 2)]!;
  const pace = Math.min(MOST, Math.max(1, median / QUIET_MS));
  console.log(`this machine is ${pace.toFixed(1)} times slower than a quiet one: so are the limits`);
  return pace;
}
