import type { SessionEgress } from '#contract/egress';
import type { GuestStatus } from '#contract/guest';
import type { Session, SessionStatus } from '#contract/session';
import type { Logger } from 'pino';
import { at as atPoint } from '../fault-point.ts';
import type { SessionTable } from '../store/sessions.ts';
import { SessionNotFound } from './errors.ts';
import { isLegal } from './transitions.ts';
import type { WarmObserver } from './warm-pool.ts';

export interface Reason {
  code: string;
  message: string;
}

/** The sessions' records. Every transition of every session goes through `move`, every change rings the session's bell. */
export interface Ledger {
  /** Throws SessionNotFound. */
  read(id: string): Session;
  /** False, and nothing changed, when the session's status allows no such move: somebody else was first. */
  move(id: string, to: SessionStatus, who: string, reason?: Reason): boolean;
  setMachine(id: string, machine: { machineId: string; driver: string; isolation: string; image: string }): void;
  setGuest(id: string, status: GuestStatus): void;
  setEgress(id: string, egress: SessionEgress): void;
  /** Counts that the session begins again. Returns how often it did. */
  beginAgain(id: string): number;
  startPhase(id: string, name: string): void;
  endPhase(id: string, name: string, ms: number): void;
}

/** One transition. `from` is missing for the first; `session` is as it was before. */
export interface Move {
  session: Session;
  from: SessionStatus | undefined;
  to: SessionStatus;
  reason: Reason | undefined;
}

/** Who counts, and tells others. */
export interface Observer {
  moved(move: Move): void;
  phaseEnded(name: string, ms: number): void;
  /** What the warm pool does. */
  warm?: WarmObserver;
  /** A start was refused for want of slots, memory or cpu. */
  refused(of: string): void;
}

export interface LedgerDeps {
  table: SessionTable;
  /** With the ids of the session and, as soon as it has one, of its machine. */
  logOf: (session: Session) => Logger;
  onChange: (id: string) => void;
  observer?: Observer | undefined;
}

export function createLedger({ table, logOf, onChange, observer }: LedgerDeps): Ledger {
  const read = (id: string): Session => {
    const session = table.read(id);
    if (!session) throw new SessionNotFound(id);
    return session;
  };
  const write = (id: string, act: (at: string) => void) => {
    act(toLater(read(id).updatedAt));
    onChange(id);
  };
  return {
    read,
    move(id, to, who, reason) {
      const session = read(id);
      const from = session.status;
      if (!isLegal(from, to)) return false;
      write(id, (at) => table.move(id, { to, at, who, reason }));
      atPoint('status moved');
      const facts = { from, to, who, ms: Date.now() - Date.parse(session.createdAt) };
      logOf(session)[to === 'failed' ? 'warn' : 'info'](
        { ...facts, ...(reason && { code: reason.code, reason: reason.message }) },
        'session moved',
      );
      observer?.moved({ session, from, to, reason });
      return true;
    },
    setMachine: (id, machine) => write(id, (at) => table.setMachine(id, machine, at)),
    setGuest(id, { services, marks }) {
      write(id, (at) => table.setGuest(id, { services, marks }, at));
      atPoint('guest reported');
    },
    setEgress: (id, egress) => write(id, (at) => table.setEgress(id, egress, at)),
    beginAgain(id) {
      const times = table.beginAgain(id, toLater(read(id).updatedAt));
      atPoint('begun again');
      onChange(id);
      return times;
    },
    startPhase(id, name) {
      write(id, (at) => table.startPhase(id, name, at));
      atPoint('phase started');
    },
    endPhase(id, name, ms) {
      write(id, (at) => table.endPhase(id, name, at, ms));
      atPoint('phase ended');
      observer?.phaseEnded(name, ms);
    },
  };
}

/** Now, but at least 1 ms after `previous`: two versions of a record never share their `updatedAt`, even when the clock stands or jumps back. */
export function toLater(previous: string, now = Date.now()): string {
  return new Date(Math.max(now, Date.parse(previous) + 1)).toISOString();
}

/** A log whose lines name the session, and its machine when it has one. */
export function logOf(log: Logger, { sessionId, machine }: Session): Logger {
  return log.child({ session: sessionId, ...(machine && { machine: machine.machineId }) });
}
