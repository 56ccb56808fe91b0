import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { SOCKET_NAME } from '../egress/control-protocol.ts';
import { startEgress, type Egress } from '../egress/egress.ts';
import { signalProcess } from '../host/process.ts';
import { createDrivers } from '../machines/choose-driver.ts';
import { removeHostTable } from '../net/host-table.ts';
import { UndoStack } from '../sessions/undo.ts';
import { openStore } from '../store/store.ts';
import { DataDirLocked, lockDataDir, type Lock } from './lock.ts';
import { endHost } from './machinery.ts';

const DATABASE = 'oriel.db';
const STOP_LIMIT_MS = 90_000;
const LOOK_EVERY_MS = 200;

/** Ends the controller that runs, if one does, and all machines: a controller that ends leaves them to the next one. */
export async function takeDown(config: Config, log: Logger): Promise<void> {
  if (await exists(join(config.dataDir, DATABASE))) await endAlone(config, log);
  await removeHostTable(config.instance);
}

async function endAlone(config: Config, log: Logger): Promise<void> {
  const undo = new UndoStack(log);
  try {
    const lock = await lockAfterStop(config.dataDir, log);
    undo.push('lock', () => lock.release());
    const store = openStore(join(config.dataDir, DATABASE));
    undo.push('store', () => store.close());
    const drivers = createDrivers(config, log);
    for (const driver of Object.values(drivers)) undo.push(`${driver.name} driver`, () => driver.close?.());
    const egress = await findEgress(config, log);
    undo.push('egress', () => egress?.stop());
    await endHost(config, store, drivers, egress ?? { close: async () => undefined }, log);
  } finally {
    await undo.run();
  }
}

/** The egress process outlives its controller. */
async function findEgress({ runDir }: Config, log: Logger): Promise<Egress | undefined> {
  return (await exists(join(runDir, SOCKET_NAME))) ? startEgress({ runDir, log }) : undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The lock; a controller that holds it is asked to end first. Throws DataDirLocked when it does not. */
async function lockAfterStop(dataDir: string, log: Logger): Promise<Lock> {
  let asked: number | undefined;
  for (const end = performance.now() + STOP_LIMIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    try {
      return await lockDataDir(dataDir);
    } catch (error) {
      if (!(error instanceof DataDirLocked) || performance.now() > end) throw error;
      if (!error.holder || error.holder.pid === asked) continue;
      asked = error.holder.pid;
      log.info({ controller: asked }, 'asking the controller to end');
      await signalProcess(error.holder, 'SIGTERM');
    }
  }
}
