import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { MachineDriver } from '../machines/driver.ts';
import { toSlot } from '../net/slot.ts';
import type { MachineRow } from '../store/machines.ts';
import type { Store } from '../store/store.ts';
import { createLedger, logOf } from './ledger.ts';
import type { Machinery } from './machinery.ts';
import { OPEN_STATUSES } from './transitions.ts';

export interface RecoverDeps {
  store: Store;
  machinery: Pick<Machinery, 'removeCloneNetwork' | 'listCloneNetworks'> & { egress: Pick<Machinery['egress'], 'close'> };
  /** By name: a machine is taken down by the driver that made it. */
  drivers: Record<string, Pick<MachineDriver, 'remove'>>;
  instance: string;
  log: Logger;
}

/**
 * Takes down what a controller that did not end in order left: machines, then their ways out and networks, then what has no record.
 * Its sessions fail with that reason. What cannot be taken down keeps its record, for the next time. Returns how many machines there were.
 */
export async function recover(deps: RecoverDeps): Promise<number> {
  const { store, log } = deps;
  failSessions(store, log);
  const rows = store.machines.list();
  for (const row of rows) await removeMachine(row, deps);
  await removeStrayNetworks(deps);
  return rows.length;
}

function failSessions(store: Store, log: Logger): void {
  const ledger = createLedger({ table: store.sessions, logOf: (session) => logOf(log, session), onChange: () => undefined });
  const reason = { code: 'controller_restarted', message: 'the controller was restarted' };
  for (const id of store.sessions.list(OPEN_STATUSES)) ledger.move(id, 'failed', 'controller', reason);
}

async function removeMachine(row: MachineRow, { store, machinery, drivers, instance, log }: RecoverDeps): Promise<void> {
  try {
    const driver = drivers[row.driver];
    if (!driver) throw new Error(`its driver, ${row.driver}, is unknown to this controller`);
    const slot = toSlot(instance, row.slot);
    await driver.remove(row);
    await machinery.egress.close(slot);
    await machinery.removeCloneNetwork(slot);
    await rm(row.runDir, { recursive: true, force: true });
    store.machines.remove(row.machineId);
    log.info({ session: row.sessionId, machine: row.machineId }, 'left-over machine removed');
  } catch (error) {
    log.error({ err: error, session: row.sessionId, machine: row.machineId }, 'left-over machine cannot be removed');
  }
}

/** Networks without a record: their machine is gone. None is touched when the listing fails, nor one whose machine could not be removed. */
async function removeStrayNetworks({ store, machinery, instance, log }: RecoverDeps): Promise<void> {
  const kept = new Set(store.machines.list().map(({ slot }) => slot));
  const slots = await machinery.listCloneNetworks();
  for (const slot of slots.filter((index) => !kept.has(index))) {
    await machinery.removeCloneNetwork(toSlot(instance, slot));
    log.info({ slot }, 'left-over network removed');
  }
}
