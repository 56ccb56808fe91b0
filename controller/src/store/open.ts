import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate } from './migrate.ts';
import { Sql } from './sql.ts';
import { findWalDamage } from './wal.ts';

/*
 * What is promised, and by which pragma (docs/adr/0015-store.md has the reasons and the cost):
 *
 *   journal_mode = wal    a commit is whole or not there at all, also after `kill -9`; readers do not wait for the writer
 *   synchronous = full    the log is synced before a commit returns: it survives loss of power, with all commits before it. Set around
 *                         what somebody is told of: a session's end, an API key (Sql.durably). Of a start too somebody is told, but he can
 *                         wait outside of SQLite: the log is synced for all starts of that moment at once (log-sync.ts)
 *   synchronous = normal  for the rest, which stands for machines that do not survive loss of power either: the last of it may be
 *                         missing then, the file stays whole, and `kill -9` takes nothing. A sync stops the whole process for milliseconds
 *   foreign_keys = on     a session's phases, transitions and console go with it
 *   busy_timeout = 0      nothing waits inside the database: node:sqlite would stop the whole process for it. Who can wait does
 *                         (sessions/patiently.ts), who cannot is told StoreBusy. Only a start, which serves nobody yet, waits
 */
const PRAGMAS = 'pragma synchronous = normal; pragma foreign_keys = on;';
const START_PATIENCE_MS = 1000;

/**
 * The database as it has to be, checked and brought forward; made where there is none. What is damaged is left as it is: throws. For
 * `patienceMs` each write waits for others: for a program that serves nobody.
 */
export function openSql(path: string, patienceMs = 0): Sql {
  if (existsSync(path)) check(path);
  else make(path);
  const sql = connect(path);
  migrate(sql);
  sql.script(`pragma busy_timeout = ${patienceMs}`);
  return sql;
}

/** Under another name first: a file of no bytes is then one that lost them. */
function make(path: string): void {
  if (existsSync(`${path}-wal`)) throw new Error(`its log ${path}-wal is there, but the file itself is not`);
  const fresh = `${path}.new`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${fresh}${end}`, { force: true });
  closeSync(openSync(fresh, 'wx', 0o600));
  const sql = connect(fresh);
  migrate(sql);
  sql.close();
  renameSync(fresh, path);
  syncDir(dirname(path));
}

/** SQLite itself would take an empty file for a new database, and a log that it cannot read for none. */
function check(path: string): void {
  // For root alone: users' names and machines' consoles are in it. SQLite gives its log the mode of the file.
  chmodSync(path, 0o600);
  if (statSync(path).size === 0) throw new Error('it is empty: what was in it is lost');
  const damage = findWalDamage(`${path}-wal`);
  if (damage) throw new Error(damage);
  quickCheck(path);
}

/** Throws when a page, an index or a link between them is wrong. Read-only: evidence is left as it is. */
export function quickCheck(path: string): void {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec(`pragma busy_timeout = ${START_PATIENCE_MS}`);
    const { quick_check: said } = db.prepare('pragma quick_check(1)').get() as { quick_check: string };
    if (said !== 'ok') throw new Error(said);
  } finally {
    db.close();
  }
}

function connect(path: string): Sql {
  const sql = new Sql(new DatabaseSync(path, { timeout: START_PATIENCE_MS }));
  const { journal_mode: mode } = sql.one<{ journal_mode: string }>('pragma journal_mode = wal')!;
  if (mode !== 'wal') throw new Error(`it cannot have a write-ahead log on this file system (journal_mode is ${mode})`);
  sql.script(PRAGMAS);
  return sql;
}

/** A rename survives loss of power once its directory is synced. */
export function syncDir(dir: string): void {
  const file = openSync(dir, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
