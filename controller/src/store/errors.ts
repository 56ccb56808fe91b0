import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../refusal.ts';

/** What the database cannot do now, though nothing is wrong with what was asked. Nothing of it was written. */
export class StoreUnavailable extends Refusal {
  override readonly name: string = 'StoreUnavailable';
  declare readonly code: 'store_busy' | 'store_full' | 'store_failed';
}

/** Another process holds the database. */
export class StoreBusy extends StoreUnavailable {
  override readonly name = 'StoreBusy';
  constructor(dir: string, cause: unknown) {
    const words = `another process holds the database in ${dir}: nothing was written, try again`;
    super(503, 'store_busy', words, { retryAfterSeconds: 1, cause });
  }
}

/** There is no room for what is to be written. */
export class StoreFull extends StoreUnavailable {
  override readonly name = 'StoreFull';
  constructor(dir: string, cause: unknown) {
    super(503, 'store_full', `the database has no room in ${dir}: make room there`, { retryAfterSeconds: 60, cause });
  }
}

/** The disk fails, or the file was made read-only or damaged under us. */
export class StoreFailed extends StoreUnavailable {
  override readonly name = 'StoreFailed';
  constructor(dir: string, cause: unknown) {
    const words = `the database in ${dir} cannot be used (${(cause as Error).message}): look at that disk, or restore a backup`;
    super(503, 'store_failed', words, { retryAfterSeconds: 60, cause });
  }
}

/** Primary result codes (https://sqlite.org/rescode.html): the low byte. */
const BUSY = [5, 6];
const FULL = [13];
/** NOMEM, READONLY, IOERR, CORRUPT, CANTOPEN, PROTOCOL, NOTADB */
const FAILED = [7, 8, 10, 11, 14, 15, 26];
/** IOERR_SHMSIZE: the shared memory beside the log cannot grow, which is a disk that is full. */
const FULL_EXTENDED = [4874];

/** An error of node:sqlite as ours, where a caller can act on it; any other as it is. */
export function toStoreError(error: unknown, db: Pick<DatabaseSync, 'location'>): unknown {
  const { errcode } = error as { errcode?: number };
  if (!isSqliteError(error) || errcode === undefined) return error;
  const kind = toKind(errcode);
  return kind ? new kind(toDir(db), error) : error;
}

/** The database could not do it: full, read-only, damaged, held by another. */
export function isStoreError(error: unknown): error is Error {
  return error instanceof StoreUnavailable || isSqliteError(error);
}

/** Another process holds the database: an error of node:sqlite, or what was made of it. */
export function isBusy(error: unknown): boolean {
  return error instanceof StoreBusy || BUSY.includes(((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff);
}

function toKind(errcode: number) {
  const primary = errcode & 0xff;
  if (BUSY.includes(primary)) return StoreBusy;
  if (FULL.includes(primary) || FULL_EXTENDED.includes(errcode)) return StoreFull;
  return FAILED.includes(primary) ? StoreFailed : undefined;
}

function isSqliteError(error: unknown): error is Error {
  return (error as { code?: unknown } | undefined)?.code === 'ERR_SQLITE_ERROR';
}

function toDir(db: Pick<DatabaseSync, 'location'>): string {
  const path = db.location();
  return path ? dirname(path) : 'memory';
}
