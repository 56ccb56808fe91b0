import { closeSync, fdatasync, openSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { createAuditTable, type AuditTable } from './audit.ts';
import { createCredentialTable, type CredentialTable } from './credentials.ts';
import { createDeliveryTable, type DeliveryTable } from './deliveries.ts';
import { createEventTable, type EventTable } from './events.ts';
import { isBusy, StoreFailed } from './errors.ts';
import { createKeyTable, type KeyTable } from './keys.ts';
import { Later, type OnTrouble } from './later.ts';
import { LogSync } from './log-sync.ts';
import { createMachineTable, type MachineTable } from './machines.ts';
import { openSql } from './open.ts';
import { prune, type PruneLimits, type Pruned } from './prune.ts';
import { createSessionTable, type SessionTable } from './sessions.ts';
import type { Sql } from './sql.ts';
import { createViewerTable, type ViewerTable } from './viewers.ts';

/** What outlives the controller. Signals, secrets of guests and the start-up token are not here. */
export interface Store {
  sessions: SessionTable;
  machines: MachineTable;
  audit: AuditTable;
  keys: KeyTable;
  viewers: ViewerTable;
  credentials: CredentialTable;
  events: EventTable;
  deliveries: DeliveryTable;
  /** Writes for which nobody can wait. */
  later: Later;
  /** Resolves when all that was written before this call survives loss of power. Rejects with StoreFailed. */
  synced(): Promise<void>;
  /** False when the database cannot be written to. */
  isWritable(): boolean;
  /** Removes some of what is older than it has to be kept; zeros when nothing is. */
  prune(limits: PruneLimits): Pruned;
  /** Writes what waits, if it can. */
  close(): void;
}

/** Its log and the shared memory beside it, to begin with. */
const NEEDED_BYTES = 128 * 1024;

export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
}

/** Opens (or makes) the database and brings its schema forward. A damaged file is reported and left alone: throws StoreUnusable. */
export function openStore(path: string, onTrouble?: OnTrouble, patienceMs?: number): Store {
  const sql = open(path, patienceMs);
  const events = createEventTable(sql);
  const later = new Later(onTrouble);
  // It is there as long as a connection is. SQLite locks other files: to close this one takes no lock away.
  const log = openSync(`${path}-wal`, 'r');
  const logSync = new LogSync(() => syncLog(log, dirname(path)));
  return {
    sessions: createSessionTable(sql),
    machines: createMachineTable(sql),
    audit: createAuditTable(sql),
    keys: createKeyTable(sql),
    viewers: createViewerTable(sql),
    credentials: createCredentialTable(sql),
    events,
    deliveries: createDeliveryTable(sql, events),
    later,
    synced: () => logSync.done(),
    isWritable: () => isWritable(sql),
    prune: (limits) => prune(sql, limits),
    close() {
      later.close();
      sql.close();
      closeSync(log);
    },
  };
}

function open(path: string, patienceMs: number | undefined): Sql {
  try {
    return openSql(path, patienceMs);
  } catch (cause) {
    if (isBusy(cause)) throw new StoreUnusable(`the database ${path} is held by another process: end that first`, { cause });
    const why = cause instanceof Error ? toReason(cause) : String(cause);
    const dir = dirname(path);
    if (!hasRoom(dir))
      throw new StoreUnusable(`the database ${path} cannot be used: ${why}: there is no room in ${dir}: make room there`, { cause });
    throw new StoreUnusable(
      `the database ${path} cannot be used: ${why}. It was left as it is. Restore a backup (copy it to ${path}, and remove ${path}-wal ` +
        `and ${path}-shm), or move all three away to start empty`,
      { cause },
    );
  }
}

/** SQLite's errors do not tell a disk without room for a file from one that fails. */
function hasRoom(dir: string): boolean {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(dir);
    return bavail * bsize >= NEEDED_BYTES && (files === 0 || ffree > 0);
  } catch {
    return true;
  }
}

/** What SQLite itself said, where there is more to it. */
function toReason(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** What was committed is in the log, or by way of a synced log in the file. */
function syncLog(log: number, dir: string): Promise<void> {
  return promisify(fdatasync)(log).catch((cause: unknown) => {
    throw new StoreFailed(dir, cause);
  });
}

function isWritable(sql: Sql): boolean {
  try {
    sql.atomically(() => sql.run('delete from audit where id = $1', 'no such row'));
    return true;
  } catch {
    return false;
  }
}
