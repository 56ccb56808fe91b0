import type { PhaseName } from '#contract/session';
import { Limit } from '../host/limit.ts';
import { within } from '../host/within.ts';
import type { SessionFailure } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { LiveMachine } from './live-machine.ts';
import { patiently } from './patiently.ts';

/** Where the times of phases are written down. */
export interface PhaseBook {
  startPhase(name: PhaseName): void;
  endPhase(name: PhaseName, ms: number): void;
}

/** The session's record. */
export function toBook(id: string, ledger: Ledger): PhaseBook {
  return { startPhase: (name) => ledger.startPhase(id, name), endPhase: (name, ms) => ledger.endPhase(id, name, ms) };
}

/** Of a machine that no session waits for. */
export const NO_BOOK: PhaseBook = { startPhase: () => undefined, endPhase: () => undefined };

export interface PhaseRun {
  name: PhaseName;
  limitMs: number;
  /** Gets a signal that aborts at the limit and at the machine's end. */
  act: (signal: AbortSignal) => Promise<void>;
  /** When a controller before this one began it; it has its whole limit again. */
  startedAt?: string | undefined;
  /** What to say when the limit has passed. */
  explainLate: () => SessionFailure;
  /** Writes down what came of it. Its limit is not for this: a database may be held by another for a while. */
  record?: (() => void) | undefined;
}

/**
 * Runs a phase within its limit and writes its times down. Rejects with the reason of the machine's end when that comes first.
 * An act that does not obey its signal is left behind: its undo has to wait for it.
 */
export async function runPhase(live: LiveMachine, book: PhaseBook, run: PhaseRun): Promise<void> {
  const started = performance.now() - (run.startedAt === undefined ? 0 : Math.max(0, Date.now() - Date.parse(run.startedAt)));
  const life = live.life.signal;
  if (run.startedAt === undefined) await patiently(() => book.startPhase(run.name), life);
  using limit = new Limit(run.limitMs, life);
  const end = (ms: number) => book.endPhase(run.name, ms);
  try {
    const { signal } = limit;
    signal.throwIfAborted();
    await within(signal, run.act(signal));
  } catch (error) {
    endIfPossible(() => end(toMs(started)), live);
    if (life.aborted) throw life.reason;
    throw limit.isLate ? run.explainLate() : error;
  }
  const ms = toMs(started);
  if (run.record) await patiently(run.record, life);
  await patiently(() => end(ms), life);
}

function toMs(started: number): number {
  return Math.round(performance.now() - started);
}

/** Why it failed says more than that its time cannot be written down, as on a disk that is full for both. */
function endIfPossible(end: () => void, { log }: LiveMachine): void {
  try {
    end();
  } catch (err) {
    log.warn({ err }, 'the end of a phase cannot be written down');
  }
}
