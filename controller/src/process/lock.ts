import { readFile, rm, writeFile } from 'node:fs/promises';
import { isAlive, readStartTime, type ProcessId } from '../host/process.ts';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One controller per data directory. The kernel lets go of the lock when its holder dies, however it dies. */
export interface Lock {
  release(): Promise<void>;
}

const PID_FILE = 'controller.pid';

export class DataDirLocked extends Error {
  override readonly name = 'DataDirLocked';
  /** The controller that holds it, where that is known. */
  readonly holder: ProcessId | undefined;
  constructor(dataDir: string, holder: ProcessId | undefined) {
    super(`a controller${holder ? ` (pid ${holder.pid})` : ''} already works in ${dataDir}: one at a time; \`just down\` ends it`);
    this.holder = holder;
  }
}

/** No lock can be had in it, as on a full disk. */
export class DataDirUnusable extends Error {
  override readonly name = 'DataDirUnusable';
}

/** Throws DataDirLocked, DataDirUnusable. */
export async function lockDataDir(dataDir: string): Promise<Lock> {
  const pidFile = join(dataDir, PID_FILE);
  const db = await takeLock(dataDir, pidFile);
  await writeHolder(pidFile);
  return {
    async release() {
      await rm(pidFile, { force: true });
      db.close();
    },
  };
}

/** Node has no flock; SQLite's lock on a file of its own is one. On a file with something in it, it needs no room on the disk. */
async function takeLock(dataDir: string, pidFile: string): Promise<DatabaseSync> {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(join(dataDir, 'controller.lock'));
    db.exec('pragma journal_mode = delete; create table if not exists lock (id integer); begin exclusive');
    return db;
  } catch (cause) {
    db?.close();
    if ((cause as { errcode?: number }).errcode === SQLITE_BUSY) throw new DataDirLocked(dataDir, await readHolder(pidFile));
    throw new DataDirUnusable(`the data directory ${dataDir} cannot be used: ${(cause as Error).message}`, { cause });
  }
}

const SQLITE_BUSY = 5;

/** `pid startTime`. On a full disk it is done without: desktops that run need a controller more than `down` needs a name. */
async function writeHolder(path: string): Promise<void> {
  const startTime = await readStartTime(process.pid);
  await writeFile(path, `${process.pid} ${startTime}\n`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
  });
}

/** For how long the controller of a data directory has run, ms; undefined when none does. */
export async function readControllerAgeMs(dataDir: string): Promise<number | undefined> {
  const holder = await readHolder(join(dataDir, PID_FILE));
  const [uptime] = (await readFile('/proc/uptime', 'utf8')).split(' ');
  return holder && Number(uptime) * 1000 - (holder.startTime * 1000) / CLOCK_TICKS;
}

/** In a second: the same on each Linux (USER_HZ). */
const CLOCK_TICKS = 100;

/** Undefined when it is half written, or of a controller before, whose pid may be anybody's by now. */
async function readHolder(path: string): Promise<ProcessId | undefined> {
  const [, pid, startTime] = /^(\d+) (\d+)\n$/.exec(await readFile(path, 'utf8').catch(() => '')) ?? [];
  const holder = { pid: Number(pid), startTime: Number(startTime) };
  return pid !== undefined && (await isAlive(holder)) ? holder : undefined;
}
