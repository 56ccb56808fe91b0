import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UndoStack } from '../sessions/undo.ts';

/** How a controller ends. Steps of `undo` ask `leaves` when they run. */
export interface Lifetime {
  undo: UndoStack;
  /** Alone: what goes on without it stays. */
  leaves: boolean;
}

const CLOSE_EVERY_MS = 50;

/** Takes no more connections; those on which nothing is being answered, and after `limitMs` all, are closed. */
export async function closeInTime(server: Server, limitMs: number): Promise<void> {
  const limit = new AbortController();
  const late = sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
  // Those on which something is answered now are idle a moment later: nobody else closes them then.
  const closing = setInterval(() => server.closeIdleConnections(), CLOSE_EVERY_MS);
  await Promise.race([new Promise((resolve) => server.close(resolve)), late]);
  clearInterval(closing);
  limit.abort();
  server.closeAllConnections();
}
