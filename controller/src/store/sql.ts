import type { DatabaseSync } from 'node:sqlite';
import { type SQLInputValue, type StatementSync } from 'node:sqlite';

type Value = SQLInputValue;
type Row = Record<string, Value>;

/**
 * SQL with PostgreSQL's placeholders ($1, $2 …), which SQLite takes for names: the texts in this folder are the same for both.
 * Statements are prepared once.
 */
export class Sql {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(text: string, ...values: Value[]): number {
    return Number(this.#prepare(text).run(toNamed(values)).changes);
  }

  one<T = Row>(text: string, ...values: Value[]): T | undefined {
    return this.#prepare(text).get(toNamed(values)) as T | undefined;
  }

  all<T = Row>(text: string, ...values: Value[]): T[] {
    return this.#prepare(text).all(toNamed(values)) as T[];
  }

  /** Several statements without values. */
  script(text: string): void {
    this.#db.exec(text);
  }

  /** All of `act` or nothing. `act` must not await: nothing else may come between. */
  atomically<T>(act: () => T): T {
    this.#db.exec('begin immediate');
    try {
      const result = act();
      this.#db.exec('commit');
      return result;
    } catch (error) {
      // A statement that failed for want of space has taken all back by itself; what went wrong is told, not that.
      if (this.#db.isTransaction) this.#db.exec('rollback');
      throw error;
    }
  }

  /**
   * What `act` commits has survived loss of power when this returns, and all that was committed before it. That waits for the disk,
   * some ms in which nobody is served: for what somebody is told of. Not within `atomically`.
   */
  durably<T>(act: () => T): T {
    this.#db.exec('pragma synchronous = full');
    try {
      return act();
    } finally {
      this.#db.exec('pragma synchronous = normal');
    }
  }

  close(): void {
    this.#db.close();
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known) return known;
    const statement = this.#db.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }
}

/** The database could not do it: full, read-only, damaged, locked. */
export function isStoreError(error: unknown): error is Error {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_SQLITE_ERROR';
}

function toNamed(values: Value[]): Record<string, Value> {
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}
