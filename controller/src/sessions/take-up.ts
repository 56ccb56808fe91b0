import { rm } from 'node:fs/promises';
import type { Phase } from '#contract/session';
import { at } from '../fault-point.ts';
import type { Machine } from '../machines/driver.ts';
import type { BringUpDeps } from './bring-up.ts';
import { guestPhases, runPhases, type PhasePlan } from './guest-phases.ts';
import { holdMachine } from './hold-machine.ts';
import type { LiveSession } from './live-session.ts';
import { patiently } from './patiently.ts';
import { openWays } from './ways.ts';

/** A machine of which there is a record. */
export interface Found {
  machine: Machine;
  /** It has ended while no controller was there. */
  isGone: boolean;
}

/**
 * Goes on with a session whose machine a controller before this one started, from wherever it is. `onServed` is called when its guest
 * is listened to. Everything that it has is on its undo stack before anything can fail.
 */
export async function takeUp(live: LiveSession, { machine, isGone }: Found, deps: BringUpDeps, onServed: () => void): Promise<void> {
  const { ledger, machinery, machines, store } = deps;
  const { machineId, runDir, slot, undo } = live;
  undo.push('record', () => store.later.do('end of a machine', () => void machines.move(machineId, 'gone', 'controller')));
  undo.push('run directory', () => rm(runDir, { recursive: true, force: true }));
  undo.push('network', () => machinery.removeCloneNetwork(slot));
  if (isGone) undo.push('egress', () => machinery.egress.close(slot));
  await holdMachine(live, Promise.resolve(machine), deps);
  // Its end, which is on its way, is the session's: nobody has to be listened to.
  if (!isGone) await openWays(live, deps);
  at('session adopted');
  onServed();
  if (isGone) return;
  const { status, phases } = ledger.read(live.id);
  if (status !== 'vm_creating') return;
  await runPhases(live, deps, toRest(guestPhases(live), phases));
  await patiently(() => ledger.move(live.id, 'vm_created', 'controller'), live.life.signal);
}

/** The phases that have not ended; one that was begun goes on. */
function toRest(plans: readonly PhasePlan[], done: readonly Phase[]): PhasePlan[] {
  return plans.flatMap((plan) => {
    const phase = done.find(({ name }) => name === plan.name);
    return phase?.endedAt === undefined ? [{ ...plan, startedAt: phase?.startedAt }] : [];
  });
}

/** Stands for a machine that has ended: what is left of it is taken down as that of any other. */
export function toGone(record: Machine['record'], exit: Awaited<Machine['exited']>): Machine {
  return { record, exited: Promise.resolve(exit), stop: async () => exit };
}
