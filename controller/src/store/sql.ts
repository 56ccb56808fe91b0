import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { toStoreError } from './errors.ts';

type Value = SQLInputValue;
type Row = Record<string, Value>;

/**
 * SQL with PostgreSQL's placeholders ($1, $2 …), which SQLite takes for names: the texts in this folder are the same for both.
 * Statements are prepared once. What the database cannot do now is thrown as StoreUnavailable.
 */
export class Sql {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  run(text: string, ...values: Value[]): number {
    return this.#try(() => Number(this.#prepare(text).run(toNamed(values)).changes));
  }

  one<T = Row>(text: string, ...values: Value[]): T | undefined {
    return this.#try(() => this.#prepare(text).get(toNamed(values)) as T | undefined);
  }

  all<T = Row>(text: string, ...values: Value[]): T[] {
    return this.#try(() => this.#prepare(text).all(toNamed(values)) as T[]);
  }

  /** Several statements without values. */
  script(text: string): void {
    this.#try(() => this.#db.exec(text));
  }

  /** All of `act` or nothing. `act` must not await: nothing else may come between. */
  atomically<T>(act: () => T): T {
    this.script('begin immediate');
    try {
      const result = act();
      this.script('commit');
      return result;
    } catch (error) {
      // A statement that failed for want of space has taken all back by itself; what went wrong is told, not that.
      if (this.#db.isTransaction) this.#db.exec('rollback');
      throw error;
    }
  }

  /**
   * What `act` commits is on the disk before this returns, with all that was committed before it: it survives loss of power. That waits for
   * the disk, some ms in which nobody is served: for what somebody is told of. Not within `atomically`, but around it.
   */
  durably<T>(act: () => T): T {
    this.script('pragma synchronous = full');
    try {
      return act();
    } finally {
      this.#db.exec('pragma synchronous = normal');
    }
  }

  close(): void {
    this.#db.close();
  }

  #try<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw toStoreError(error, this.#db);
    }
  }

  #prepare(text: string): StatementSync {
    const known = this.#prepared.get(text);
    if (known) return known;
    const statement = this.#db.prepare(text);
    this.#prepared.set(text, statement);
    return statement;
  }
}

function toNamed(values: Value[]): Record<string, Value> {
  return Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
}
