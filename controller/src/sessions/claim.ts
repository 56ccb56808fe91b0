import type { Phase } from '#contract/session';
import type { BringUpDeps } from './bring-up.ts';
import { SessionFailure } from './errors.ts';
import { runPhases, untilDesktop } from './guest-phases.ts';
import type { LiveSession } from './live-session.ts';
import { patiently } from './patiently.ts';
import { toBook } from './phase.ts';
import { NEEDED_SERVICES } from './readiness.ts';
import { explainServices } from './reason.ts';
import { openWayOut } from './ways.ts';

/** Gives a machine of the warm pool to a session: from this one write on it is the session's, whatever ends meanwhile. */
export async function claim(live: LiveSession, deps: BringUpDeps): Promise<void> {
  const { signal } = live.life;
  const createdAt = await patiently(() => deps.ledger.read(live.id).createdAt, signal);
  const endsAt = new Date(Date.parse(createdAt) + deps.config.timeoutMs.session).toISOString();
  if (!(await patiently(() => deps.machines.claim(live.machineId, live.id, endsAt), signal)))
    throw new SessionFailure('claim_failed', `the machine ${live.machineId} of the warm pool was not to be had`);
  await finishClaim(live, deps);
}

/** What is left to do for a session with a machine that it has claimed; also under another controller than the one that began it. */
export async function finishClaim(live: LiveSession, deps: BringUpDeps): Promise<void> {
  const { id, machine } = live;
  const { ledger } = deps;
  const { signal } = live.life;
  const { status, phases } = await patiently(() => ledger.read(id), signal);
  if (status === 'pending') await patiently(() => ledger.move(id, 'vm_creating', 'controller'), signal);
  await patiently(() => recordMachine(live, deps), signal);
  const phase = phases.find(({ name }) => name === 'claim');
  if (phase?.endedAt === undefined) await runPhases(machine, toBook(id, ledger), deps, [toPlan(live, deps, phase)]);
  else await openWayOut(machine, deps);
  await patiently(() => ledger.move(id, 'vm_created', 'controller'), signal);
}

function toPlan({ machine }: LiveSession, deps: BringUpDeps, begun: Phase | undefined) {
  return {
    name: 'claim',
    startedAt: begun?.startedAt,
    async act(signal: AbortSignal) {
      await openWayOut(machine, deps);
      await untilDesktop(machine, signal);
    },
    late: () => explainServices(machine.status.services, NEEDED_SERVICES),
  } as const;
}

/** What the session's record says of a machine, which came up before there was a session. */
function recordMachine({ id, machineId, status }: LiveSession, { ledger, machinery, store }: BringUpDeps): void {
  const { name, isolation } = machinery.driver;
  ledger.setMachine(id, { machineId, driver: name, isolation, image: store.machines.read(machineId)?.image ?? '' });
  if (status.services.length > 0) ledger.setGuest(id, status);
}
