import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { createAuditTable, type AuditTable } from './audit.ts';
import { createDeliveryTable, type DeliveryTable } from './deliveries.ts';
import { createEventTable, type EventTable } from './events.ts';
import { createKeyTable, type KeyTable } from './keys.ts';
import { createMachineTable, type MachineTable } from './machines.ts';
import { migrate } from './migrate.ts';
import { createSessionTable, type SessionTable } from './sessions.ts';
import { Sql } from './sql.ts';

/** What outlives the controller. Signals, secrets of guests and the start-up token are not here. */
export interface Store {
  sessions: SessionTable;
  machines: MachineTable;
  audit: AuditTable;
  keys: KeyTable;
  events: EventTable;
  deliveries: DeliveryTable;
  /** False when the database cannot be written to. */
  isWritable(): boolean;
  close(): void;
}

export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}

/**
 * WAL: readers do not wait for the writer, and a commit survives `kill -9`. `synchronous = normal`: after loss of power the file is whole,
 * and has all up to some moment; that moment is not before anything that was acknowledged, a start or an end, as Sql.durably sees to.
 * (`full` for all would wait for the disk twenty times a session.)
 */
const PRAGMAS = 'pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on; pragma busy_timeout = 2000;';

/** Opens (or makes) the database and brings its schema forward. A damaged file is reported and left alone: throws StoreUnusable. */
export function openStore(path: string): Store {
  const sql = open(path);
  const events = createEventTable(sql);
  return {
    sessions: createSessionTable(sql),
    machines: createMachineTable(sql),
    audit: createAuditTable(sql),
    keys: createKeyTable(sql),
    events,
    deliveries: createDeliveryTable(sql, events),
    isWritable: () => isWritable(sql),
    close: () => sql.close(),
  };
}

function open(path: string): Sql {
  try {
    // For root alone: users' names and machines' consoles are in it. SQLite gives its log the mode of the file.
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const sql = new Sql(new DatabaseSync(path));
    sql.script(PRAGMAS);
    const check = sql.one<{ quick_check: string }>('pragma quick_check(1)')!.quick_check;
    if (check !== 'ok') throw new Error(check);
    migrate(sql);
    return sql;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new StoreUnusable(`the database ${path} cannot be used: ${why}. Restore a backup, or move the file away to start empty`, {
      cause,
    });
  }
}

function isWritable(sql: Sql): boolean {
  try {
    sql.atomically(() => sql.run('delete from audit where id = $1', 'no such row'));
    return true;
  } catch {
    return false;
  }
}
