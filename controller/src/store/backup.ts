import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { quickCheck, syncDir } from './open.ts';

export class BackupFailed extends Error {
  override readonly name = 'BackupFailed';
}

/** All pages in one step: between two steps another process's write would make it begin anew, under load for ever. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies a database that others may be writing to, as it is at one moment, into a file of its own that needs no log beside it. The file
 * is there once it is whole, checked and on the disk, or not at all. Throws BackupFailed.
 */
export async function backUp(database: string, file: string): Promise<void> {
  const target = resolve(file);
  const part = `${target}.${process.pid}.part`;
  try {
    if (!existsSync(database)) throw new Error(`there is no database ${database}: ORIEL_DATA_DIR names its directory`);
    refuseToOverwrite(target);
    closeSync(openSync(part, 'wx', 0o600));
    await copy(database, part);
    finish(part, target);
  } catch (cause) {
    throw new BackupFailed(`no backup was made: ${(cause as Error).message}`, { cause });
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${part}${end}`, { force: true });
  }
}

async function copy(database: string, part: string): Promise<void> {
  const source = new DatabaseSync(database, { readOnly: true });
  try {
    await backup(source, part, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
}

function finish(part: string, target: string): void {
  const copied = new DatabaseSync(part);
  copied.exec('pragma journal_mode = delete');
  copied.close();
  quickCheck(part);
  chmodSync(part, 0o600);
  syncFile(part);
  refuseToOverwrite(target);
  renameSync(part, target);
  syncDir(dirname(target));
}

function refuseToOverwrite(target: string): void {
  if (existsSync(target)) throw new Error(`${target} is there already: name a file that is not`);
}

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
