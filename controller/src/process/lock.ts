import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One controller per data directory. The kernel lets go of the lock when its holder dies, however it dies. */
export interface Lock {
  release(): Promise<void>;
}

export class DataDirLocked extends Error {
  override readonly name = 'DataDirLocked';
  /** Of the controller that holds it, where it is known. */
  readonly pid: number | undefined;
  constructor(dataDir: string, pid: number | undefined) {
    super(`a controller${pid ? ` (pid ${pid})` : ''} already works in ${dataDir}: one at a time; \`just down\` ends it`);
    this.pid = pid;
  }
}

/** Throws DataDirLocked. */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  // Node has no flock; SQLite's lock on a file of its own is one.
  const db = new DatabaseSync(join(dataDir, 'controller.lock'));
  const pidFile = join(dataDir, 'controller.pid');
  try {
    db.exec('pragma journal_mode = delete; begin exclusive');
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new DataDirLocked(dataDir, await readPid(pidFile));
  }
  await writeFile(pidFile, `${process.pid}\n`);
  return {
    async release() {
      await rm(pidFile, { force: true });
      db.close();
    },
  };
}

const SQLITE_BUSY = 5;

async function readPid(path: string): Promise<number | undefined> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''));
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}
