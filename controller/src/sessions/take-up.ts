import { rm } from 'node:fs/promises';
import type { Phase } from '#contract/session';
import { at } from '../fault-point.ts';
import type { Machine } from '../machines/driver.ts';
import type { BootDeps } from './boot-machine.ts';
import type { BringUpDeps } from './bring-up.ts';
import { finishClaim } from './claim.ts';
import { guestPhases, runPhases, type PhasePlan } from './guest-phases.ts';
import { holdMachine } from './hold-machine.ts';
import type { LiveMachine } from './live-machine.ts';
import type { LiveSession } from './live-session.ts';
import { patiently } from './patiently.ts';
import { toBook } from './phase.ts';
import { openGuestEndpoint, openWays } from './ways.ts';

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
export async function takeUp(live: LiveSession, found: Found, deps: BringUpDeps, onServed: () => void): Promise<void> {
  const { ledger } = deps;
  const { machine } = live;
  const { status, phases } = ledger.read(live.id);
  const isComingUp = status === 'pending' || status === 'vm_creating';
  const isClaim = machine.isWarm && isComingUp;
  await takeUpMachine(machine, found, deps, () => (isClaim ? openGuestEndpoint : openWays)(machine, deps));
  at('session adopted');
  onServed();
  if (found.isGone || !isComingUp) return;
  if (isClaim) return finishClaim(live, deps);
  await runPhases(machine, toBook(live.id, ledger), deps, toRest(guestPhases(machine), phases));
  await patiently(() => ledger.move(live.id, 'vm_created', 'controller'), live.life.signal);
}

/** Ties a machine that there is to its life here. `open` opens what leads out of it, unless it is gone. */
export async function takeUpMachine(
  live: LiveMachine,
  { machine, isGone }: Found,
  deps: BootDeps,
  open: () => Promise<void>,
): Promise<void> {
  const { machinery, machines, store } = deps;
  const { machineId, runDir, slot, undo } = live;
  undo.push('record', () => store.later.do('end of a machine', () => void machines.move(machineId, 'gone', 'controller')), {
    isLast: true,
  });
  undo.push('run directory', () => rm(runDir, { recursive: true, force: true }));
  undo.push('network', () => machinery.removeCloneNetwork(slot));
  if (isGone) undo.push('egress', () => machinery.egress.close(slot));
  await holdMachine(live, Promise.resolve(machine), deps);
  // Its end, which is on its way, is its session's: nobody has to be listened to.
  if (!isGone) await open();
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
