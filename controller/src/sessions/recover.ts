import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { at } from '../fault-point.ts';
import { readBootTime } from '../host/boot-time.ts';
import { inTime } from '../host/in-time.ts';
import type { MachineDriver, MachineRecord } from '../machines/driver.ts';
import { toSlot, type Slot } from '../net/slot.ts';
import type { MachineRow } from '../store/machines.ts';
import type { Store } from '../store/store.ts';
import type { Finding } from './fate.ts';
import { createLedger, logOf } from './ledger.ts';
import { createMachineLedger } from './machine-states.ts';
import type { Machinery } from './machinery.ts';
import { STEP_LIMITS, type StepLimits } from './step-limits.ts';
import { toGone, type Found } from './take-up.ts';
import { OPEN_STATUSES } from './transitions.ts';

/** By name: a machine is adopted, and taken down, by the driver that made it. */
export type Drivers = Record<string, Pick<MachineDriver, 'remove' | 'adopt' | 'readExit'>>;

const NO_PROCESS = { pid: 0, startTime: 0 };

export interface RecoverDeps {
  store: Store;
  machinery: Pick<Machinery, 'removeCloneNetwork' | 'listCloneNetworks'> & { egress: { close(slot: Slot): Promise<unknown> } };
  drivers: Drivers;
  instance: string;
  log: Logger;
  /** The usual ones without. */
  stepLimits?: StepLimits | undefined;
}

/**
 * Ends all that a controller left that is not there any more: ways out, then machines, then networks, then what has no record. What
 * cannot be taken down keeps its record, for the next time. Returns how many machines there were.
 */
export async function endAll(deps: RecoverDeps): Promise<number> {
  const { store, log } = deps;
  const ledger = createLedger({ table: store.sessions, logOf: (session) => logOf(log, session), onChange: () => undefined });
  const reason = { code: 'controller_stopped', message: 'the controller was stopped' };
  for (const id of store.sessions.list(OPEN_STATUSES)) ledger.move(id, 'stopped', 'controller', reason);
  const rows = store.machines.list();
  for (const row of rows) await reap(row, deps);
  await removeStrayNetworks(deps);
  return rows.length;
}

/** Takes down what is left of a machine; false when it could not, and keeps its record. */
export async function reap(row: MachineRow, deps: RecoverDeps): Promise<boolean> {
  const { store, machinery, drivers, instance, log, stepLimits = STEP_LIMITS } = deps;
  const soon = (what: string, act: Promise<unknown>) => inTime(stepLimits.takeDown, what, act);
  try {
    const driver = drivers[row.driver];
    if (!driver) throw new Error(`its driver, ${row.driver}, is unknown to this controller`);
    const machines = createMachineLedger(store.machines, log);
    const slot = toSlot(instance, row.slot);
    machines.move(row.machineId, 'ending', 'controller', 'left over');
    // First of all: what it leaves by is soon somebody else's, also where its end fails.
    await soon('egress', machinery.egress.close(slot));
    await soon('machine', driver.remove(toCertain(row)));
    at('left-over machine ended');
    await soon('network', machinery.removeCloneNetwork(slot));
    await rm(row.runDir, { recursive: true, force: true });
    machines.move(row.machineId, 'gone', 'controller');
    log.info({ session: row.sessionId, machine: row.machineId }, 'left-over machine removed');
    at('left-over removed');
    return true;
  } catch (error) {
    log.error({ err: error, session: row.sessionId, machine: row.machineId }, 'left-over machine cannot be removed');
    return false;
  }
}

/** What there is of a recorded machine. Nothing is changed. */
export async function look(
  row: MachineRow,
  { drivers, log, stepLimits = STEP_LIMITS }: Pick<RecoverDeps, 'drivers' | 'log' | 'stepLimits'>,
): Promise<[Finding, Found?]> {
  const { machineId, driver: name, runDir, pid, startTime } = toCertain(row);
  const driver = drivers[name];
  if (!driver) return ['untold'];
  if (pid === undefined || startTime === undefined || !driver.adopt) return ['unproven'];
  const record: MachineRecord = { machineId, driver: name, runDir, pid, startTime };
  try {
    const machine = await inTime(stepLimits.look, 'looking at it', driver.adopt(record));
    if (machine) return ['runs', { machine, isGone: false }];
    const said = driver.readExit && inTime(stepLimits.look, 'reading how it ended', driver.readExit(record));
    const exit = (await said) ?? { reason: 'ended while no controller was there', code: null };
    return ['ended', { machine: toGone(record, exit), isGone: true }];
  } catch (error) {
    log.error({ err: error, machine: machineId }, 'it cannot be told whether a machine runs: it is left as it is');
    return ['untold'];
  }
}

/** A pid and its start time name one process for ever, but only within one boot of the host: of another boot's no process is meant. */
function toCertain(row: MachineRow): MachineRow {
  const isOfThisBoot = row.pid === undefined || row.born === undefined || row.born.bootId === readBootTime().bootId;
  return isOfThisBoot ? row : { ...row, ...NO_PROCESS };
}

/** Directories without a record, as after loss of power: a record comes before its directory, but need not be on the disk before it. */
export async function removeStrayDirectories(machinesDir: string, { store, log }: Pick<RecoverDeps, 'store' | 'log'>): Promise<void> {
  const names = await readdir(machinesDir);
  const kept = new Set(store.machines.list().map(({ runDir }) => runDir));
  for (const dir of names.map((name) => join(machinesDir, name)).filter((path) => !kept.has(path))) {
    await rm(dir, { recursive: true, force: true });
    log.info({ dir }, 'left-over directory removed');
  }
}

/** Networks without a record: their machine is gone. None is touched when the listing fails, nor one whose machine could not be removed. */
export async function removeStrayNetworks(deps: Omit<RecoverDeps, 'drivers'>): Promise<void> {
  const { store, machinery, instance, log, stepLimits = STEP_LIMITS } = deps;
  const kept = new Set(store.machines.list().map(({ slot }) => slot));
  const slots = await inTime(stepLimits.look, 'listing networks', machinery.listCloneNetworks());
  for (const slot of slots.filter((index) => !kept.has(index))) {
    await inTime(stepLimits.takeDown, 'network', machinery.removeCloneNetwork(toSlot(instance, slot)));
    log.info({ slot }, 'left-over network removed');
  }
}
