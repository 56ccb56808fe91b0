import { delay } from './delay.ts';
import { OrielError } from './error.ts';

/** Asked again sooner than this, a server that does not hold long polls would be asked all the time. */
const PAUSE_MS = 250;

/**
 * Asks until there is something: a 404 that means "none yet", or an empty reply, is asked again. Throws OrielError for all other
 * failures (the offer was replaced, the session is gone, the network failed: whoever waits knows what that means), and the
 * signal's reason.
 */
export async function waitFor<T>(ask: () => Promise<T | undefined>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const askedAt = performance.now();
    const found = await ask().catch(toNothing);
    if (found !== undefined) return found;
    signal?.throwIfAborted();
    await pauseFrom(askedAt, signal);
  }
}

/** At least so long after one question comes the next. */
export function pauseFrom(askedAt: number, signal: AbortSignal | undefined): Promise<void> {
  return delay(Math.max(0, PAUSE_MS - (performance.now() - askedAt)), signal);
}

function toNothing(error: unknown): undefined {
  if (error instanceof OrielError && error.code === 'answer_pending') return undefined;
  throw error;
}
