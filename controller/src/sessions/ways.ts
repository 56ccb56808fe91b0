import type { EgressRules, SessionEgress } from '#contract/egress';
import type { SlotCounts } from '../egress/control-protocol.ts';
import { sumRefusals } from '../egress/totals.ts';
import { at } from '../fault-point.ts';
import { explain } from './explain.ts';
import type { BringUpDeps } from './bring-up.ts';
import type { LiveMachine } from './live-machine.ts';
import { patiently } from './patiently.ts';
import { toTenantUser } from './tenant-user.ts';

type WayDeps = Pick<BringUpDeps, 'machinery' | 'ledger' | 'store'>;

/** Opens what leads out of a session's machine: the guest endpoint and the way out. */
export async function openWays(live: LiveMachine, deps: WayDeps): Promise<void> {
  await openGuestEndpoint(live, deps);
  await openWayOut(live, deps);
}

/** All that a machine in the pool has. */
export async function openGuestEndpoint({ slot, undo, hold }: LiveMachine, { machinery }: Pick<WayDeps, 'machinery'>): Promise<void> {
  const opening = machinery.openGuestListener(slot).catch(explain('network_failed', 'the guest endpoint could not be opened'));
  undo.push('guest endpoint', async () => (await opening.catch(() => undefined))?.());
  const close = await opening;
  at('guest endpoint opened');
  hold.signal.addEventListener('abort', () => void close(), { once: true });
}

/** The way of its session's user through the egress process, which leaves alone what is open for it already. */
export async function openWayOut(live: LiveMachine, deps: WayDeps): Promise<void> {
  const { slot, machineId, life } = live;
  const { machinery, ledger } = deps;
  const id = live.sessionId!;
  const { userId, egress = {} } = await patiently(() => ledger.read(id), life.signal);
  const owner = await patiently(() => deps.store.sessions.ownerOf(id)!, life.signal);
  const user = toTenantUser(owner, userId);
  live.undo.push('egress', () => closeWayOut(live, user, deps));
  const asked = { machineId, user, rules: toRulesOf(egress) };
  await machinery.egress.open(slot, asked).catch(explain('network_failed', 'the way out could not be opened'));
  at('egress opened');
  const { upstream, address } = machinery.egress.outside(user);
  const isNew = upstream !== egress.upstream || address !== egress.address;
  if (isNew) await patiently(() => ledger.setEgress(id, machinery.egress.outside(user)), life.signal);
}

/** What is known of a way out beside where it may lead. */
export function toEgressFacts(outside: { upstream?: string; address?: string }, counts: SlotCounts | undefined): SessionEgress {
  if (!counts) return outside;
  const { connections, bytesUp, bytesDown, refused } = counts;
  return { ...outside, connections, refused: sumRefusals(refused), bytesUp, bytesDown };
}

/** Where its user leaves is the user's until nothing of it is open. */
async function closeWayOut({ slot, sessionId }: LiveMachine, user: string, { machinery, store }: WayDeps): Promise<void> {
  const outside = machinery.egress.outside(user);
  const counts = await machinery.egress.close(slot);
  if (counts) store.later.do('counts of a way out', () => store.sessions.setEgress(sessionId!, toEgressFacts(outside, counts)));
}

function toRulesOf({ allow, deny }: SessionEgress): EgressRules {
  return { ...(allow && { allow }), ...(deny && { deny }) };
}
