import { SESSION_STATUSES as STATUSES, type SessionStatus } from '#contract/session';
import { isLegal } from '../../controller/src/sessions/transitions.ts';

/** What a client knows of one start of its own. */
export interface Entry {
  /** Its Idempotency-Key. */
  key: string;
  /** As the first reply said; a start whose reply was lost is asked for again. */
  sessionId?: string;
  /** As they were seen, without repetitions. */
  statuses: SessionStatus[];
  /** Of its machine, when it could be viewed. */
  process?: { pid: number; startTime: number };
  /** How many kills there had been when it was looked at last. */
  seenAfter: number;
  stopAsked: boolean;
}

/** What the clients write down, and what must not be: whatever contradicts it is a violation. */
export class Ledger {
  readonly entries: Entry[] = [];
  readonly violations: string[] = [];
  /** Replies with 503, which said when to ask again. */
  refusals = 0;
  /** Ends of the controller so far. */
  kills = 0;
  /** How often a machine was the same process after an end of the controller as it was before. */
  survivals = 0;

  begin(key: string): Entry {
    const entry: Entry = { key, statuses: [], seenAfter: this.kills, stopAsked: false };
    this.entries.push(entry);
    return entry;
  }

  acknowledge(entry: Entry, sessionId: string): void {
    if (entry.sessionId !== undefined && entry.sessionId !== sessionId)
      this.violate(`doubled: the key ${entry.key} gave ${entry.sessionId}, then ${sessionId}`);
    entry.sessionId ??= sessionId;
  }

  see(entry: Entry, status: SessionStatus): void {
    const last = entry.statuses.at(-1);
    if (last === status) return;
    if (last !== undefined && !isReachable(last, status)) this.violate(`illegal: ${entry.sessionId} was ${last}, then ${status}`);
    entry.statuses.push(status);
  }

  /** Its process is the one that it was. */
  survive(entry: Entry): void {
    if (entry.seenAfter < this.kills) this.survivals++;
    entry.seenAfter = this.kills;
  }

  violate(what: string): void {
    this.violations.push(what);
  }
}

/** A client need not have seen each step. */
export function isReachable(from: SessionStatus, to: SessionStatus): boolean {
  const reached = new Set<SessionStatus>([from]);
  for (const each of reached) for (const next of STATUSES) if (isLegal(each, next)) reached.add(next);
  return reached.has(to);
}
