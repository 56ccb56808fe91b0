import type { Session } from '#contract/session';
import type { Logger } from 'pino';
import type { Later } from '../store/later.ts';
import { toLater, type Ledger, type Reason } from './ledger.ts';
import type { FinalStatus } from './transitions.ts';

interface LastWord {
  to: FinalStatus;
  who: string;
  reason: Reason;
  at: string;
}

/** Ends of sessions that could not be written down, as on a full disk: told from memory until they can be. */
export class LastWords {
  readonly #ledger: Pick<Ledger, 'move' | 'read'>;
  readonly #later: Later;
  readonly #log: Logger;
  readonly #words = new Map<string, LastWord>();

  constructor(ledger: Pick<Ledger, 'move' | 'read'>, later: Later, log: Logger) {
    this.#ledger = ledger;
    this.#later = later;
    this.#log = log;
  }

  /** Ends a session in its record, or else in memory. False when it was over already. Never throws: an end comes in any case. */
  end(id: string, to: FinalStatus, who: string, reason: Reason): boolean {
    if (this.#words.has(id)) return false;
    try {
      return this.#ledger.move(id, to, who, reason);
    } catch (error) {
      this.#log.error({ err: error, session: id, to, code: reason.code }, 'the end of a session cannot be written down');
      this.#words.set(id, { to, who, reason, at: this.#readTime(id) });
      this.#later.do('end of a session', () => {
        this.#ledger.move(id, to, who, reason);
        this.#words.delete(id);
      });
      return true;
    }
  }

  /** The session with its end, wherever that is. */
  complete(session: Session): Session {
    const word = this.#words.get(session.sessionId);
    return word ? { ...session, status: word.to, reason: word.reason, updatedAt: word.at } : session;
  }

  #readTime(id: string): string {
    try {
      return toLater(this.#ledger.read(id).updatedAt);
    } catch {
      return new Date().toISOString();
    }
  }
}
