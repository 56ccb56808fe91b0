import { isStoreError, StoreUnavailable } from './errors.ts';

/** Who is told of what could not be written at once, and of what never can. */
export type OnTrouble = (error: unknown, what: string, isLost: boolean) => void;

const TRY_AGAIN_MS = 1_000;
/** More than all sessions of a host can leave behind when they end; beyond it the disk has been full for so long that the log must do. */
const WAITING_MAX = 20_000;

/**
 * Writes that must not be lost, and for which nobody can wait: the end of a session, of its machine's row, its console, the audit. They are
 * done at once, or kept until the database takes them; none needs another to be there before it. A crash before that loses them: what the next start finds
 * (an open session, a row) it takes down then.
 */
export class Later {
  readonly #onTrouble: OnTrouble;
  readonly #waiting: { what: string; act: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(onTrouble: OnTrouble = () => undefined) {
    this.#onTrouble = onTrouble;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Whether it is done. Never throws what the database is to blame for. */
  do(what: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (!isWorthWaiting(error)) throw error;
      this.#onTrouble(error, what, this.#waiting.length >= WAITING_MAX);
    }
    this.#keep({ what, act });
    return false;
  }

  /** Does what can be done by now. */
  flush(): void {
    while (this.#waiting.length > 0) {
      if (!this.#tryFirst()) return;
      this.#waiting.shift();
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The last try. */
  close(): void {
    this.flush();
    clearInterval(this.#timer);
  }

  #keep(one: { what: string; act: () => void }): void {
    if (this.#waiting.length >= WAITING_MAX) return;
    this.#waiting.push(one);
    this.#timer ??= setInterval(() => this.flush(), TRY_AGAIN_MS).unref();
  }

  /** False when it is to be tried again. What the database will never take must not keep the others waiting. */
  #tryFirst(): boolean {
    const { what, act } = this.#waiting[0]!;
    try {
      act();
    } catch (error) {
      if (isWorthWaiting(error)) return false;
      this.#onTrouble(error, what, true);
    }
    return true;
  }
}

/** What the database refuses for what it is (a constraint) it will refuse again. */
function isWorthWaiting(error: unknown): boolean {
  return error instanceof StoreUnavailable || (isStoreError(error) && (error as { errcode?: number }).errcode === undefined);
}
