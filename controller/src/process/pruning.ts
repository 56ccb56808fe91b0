import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { isBusy } from '../store/errors.ts';
import type { PruneLimits } from '../store/prune.ts';
import type { Store } from '../store/store.ts';

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface PruningDeps {
  store: Pick<Store, 'prune'>;
  keepDays: Config['keepDays'];
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Removes old records now and every hour; gives its end. */
export function startPruning(deps: PruningDeps): () => Promise<void> {
  const end = new AbortController();
  let running = pruneAll(deps, end.signal);
  const timer = setInterval(() => void (running = running.then(() => pruneAll(deps, end.signal))), EVERY_MS).unref();
  return () => {
    clearInterval(timer);
    end.abort();
    return running;
  };
}

/** What is too old, a batch at a time: others are served in between. What cannot be removed now can be in an hour. */
export async function pruneAll({ store, keepDays, log }: PruningDeps, signal: AbortSignal, now = Date.now()): Promise<void> {
  const limits = toLimits(keepDays, now);
  const total = { sessions: 0, audit: 0, credentials: 0 };
  try {
    for (let more = true; more && !signal.aborted; await turn()) {
      const { sessions, audit, credentials } = store.prune(limits);
      total.sessions += sessions;
      total.audit += audit;
      total.credentials += credentials;
      more = sessions + audit + credentials > 0;
    }
  } catch (error) {
    if (!isBusy(error)) log.warn({ err: error }, 'old records cannot be removed');
  }
  if (total.sessions + total.audit + total.credentials > 0) log.info(total, 'old records removed');
}

function toLimits({ sessions, audit }: Config['keepDays'], now: number): PruneLimits {
  return {
    sessionsBefore: toDate(now - sessions * DAY_MS),
    auditBefore: toDate(now - audit * DAY_MS),
    credentialsBefore: toDate(now),
  };
}

function toDate(ms: number): string {
  return new Date(ms).toISOString();
}
