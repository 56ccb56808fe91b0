import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Records } from '../../controller/src/leftover/trace.ts';
import { DataDirLocked, lockDataDir } from '../../controller/src/process/lock.ts';

/** Whether a controller works in this directory. */
export async function isRunning(dataDir: string): Promise<boolean> {
  if (!existsSync(dataDir)) return false;
  try {
    await (await lockDataDir(dataDir)).release();
    return false;
  } catch (error) {
    if (error instanceof DataDirLocked) return true;
    throw error;
  }
}

/** Machines that have a record. Nothing is changed: the database may be a running controller's, or one of another release. */
export function listMachines(dataDir: string): Records['machines'] {
  const path = join(dataDir, 'oriel.db');
  if (!existsSync(path)) return [];
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare('select id as "machineId", slot from machines').all() as unknown as Records['machines'];
  } finally {
    db.close();
  }
}
