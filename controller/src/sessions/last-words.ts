import type { Session } from '#contract/session';
import type { Logger } from 'pino';
import { toLater, type Ledger, type Reason } from './ledger.ts';
import type { FinalStatus } from './transitions.ts';

interface LastWord {
  to: FinalStatus;
  who: string;
  reason: Reason;
  at: string;
}

const TRY_AGAIN_MS = 1_000;

/** Ends of sessions that could not be written down, as on a full disk: told from memory until they can be. */
export class LastWords {
  readonly #ledger: Pick<Ledger, 'move' | 'read'>;
  readonly #log: Logger;
  readonly #words = new Map<string, LastWord>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ledger: Pick<Ledger, 'move' | 'read'>, log: Logger) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** Ends a session in its record, or else in memory. False when it was over already. */
  end(id: string, to: FinalStatus, who: string, reason: Reason): boolean {
    try {
      return !this.#words.has(id) && this.#ledger.move(id, to, who, reason);
    } catch (error) {
      this.#log.error({ err: error, session: id, to, code: reason.code }, 'the end of a session cannot be written down');
      this.#words.set(id, { to, who, reason, at: toLater(this.#ledger.read(id).updatedAt) });
      this.#timer ??= setInterval(() => this.write(), TRY_AGAIN_MS).unref();
      return true;
    }
  }

  /** The session with its end, wherever that is. */
  complete(session: Session): Session {
    const word = this.#words.get(session.sessionId);
    return word ? { ...session, status: word.to, reason: word.reason, updatedAt: word.at } : session;
  }

  /** Writes down what can be by now. */
  write(): void {
    for (const [id, { to, who, reason }] of this.#words) {
      try {
        this.#ledger.move(id, to, who, reason);
        this.#words.delete(id);
      } catch {
        return;
      }
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
