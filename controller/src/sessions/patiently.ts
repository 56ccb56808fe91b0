import { setTimeout as sleep } from 'node:timers/promises';
import { isBusy } from '../store/errors.ts';

/** How long a session that comes up waits for a database that another process holds: longer than a copy of it by a careless tool takes. */
const PATIENCE_MS = 30_000;
const AGAIN_MS = 50;

/**
 * Writes, as soon as the database can be written: who holds it lets go of it sooner or later, and meanwhile everything else goes on.
 * Rejects with what else is wrong, when it took too long, and at `signal`.
 */
export async function patiently<T>(act: () => T, signal: AbortSignal, patienceMs = PATIENCE_MS): Promise<T> {
  for (const end = performance.now() + patienceMs; ; await sleep(AGAIN_MS, undefined, { signal })) {
    signal.throwIfAborted();
    try {
      return act();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
  }
}
