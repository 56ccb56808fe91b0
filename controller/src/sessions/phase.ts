import type { PhaseName } from '#contract/session';
import { within } from '../host/within.ts';
import type { SessionFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { LiveSession } from './live-session.ts';
import { patiently } from './patiently.ts';

export interface PhaseRun {
  name: PhaseName;
  limitMs: number;
  /** Gets a signal that aborts at the limit and at the session's end. */
  act: (signal: AbortSignal) => Promise<void>;
  /** When a controller before this one began it; it has its whole limit again. */
  startedAt?: string | undefined;
  /** What to say when the limit has passed. */
  explainLate: () => SessionFailure;
  /** Writes down what came of it. Its limit is not for this: a database may be held by another for a while. */
  record?: (() => void) | undefined;
}

/**
 * Runs a phase within its limit and writes its times down. Rejects with the reason of the session's end when that comes first.
 * An act that does not obey its signal is left behind: its undo has to wait for it.
 */
export async function runPhase(live: LiveSession, ledger: Ledger, run: PhaseRun): Promise<void> {
  const started = performance.now() - (run.startedAt === undefined ? 0 : Math.max(0, Date.now() - Date.parse(run.startedAt)));
  const life = live.life.signal;
  if (run.startedAt === undefined) await patiently(() => ledger.startPhase(live.id, run.name), life);
  const limit = AbortSignal.timeout(run.limitMs);
  const end = (ms: number) => ledger.endPhase(live.id, run.name, ms);
  try {
    const signal = AbortSignal.any([life, limit]);
    signal.throwIfAborted();
    await within(signal, run.act(signal));
  } catch (error) {
    endIfPossible(() => end(toMs(started)), live);
    if (life.aborted) throw life.reason;
    throw limit.aborted ? run.explainLate() : error;
  }
  const ms = toMs(started);
  if (run.record) await patiently(run.record, life);
  await patiently(() => end(ms), life);
}

function toMs(started: number): number {
  return Math.round(performance.now() - started);
}

/** Why it failed says more than that its time cannot be written down, as on a disk that is full for both. */
function endIfPossible(end: () => void, { log }: LiveSession): void {
  try {
    end();
  } catch (err) {
    log.warn({ err }, 'the end of a phase cannot be written down');
  }
}
