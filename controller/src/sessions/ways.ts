import { at } from '../fault-point.ts';
import { explain } from './explain.ts';
import type { BringUpDeps } from './bring-up.ts';
import type { LiveMachine } from './live-machine.ts';

type WayDeps = Pick<BringUpDeps, 'machinery' | 'config'>;

/** Opens what leads out of a session's machine: the guest endpoint and the way out. */
export async function openWays(live: LiveMachine, deps: WayDeps): Promise<void> {
  await openGuestEndpoint(live, deps);
  await openWayOut(live, deps);
}

/** All that a machine in the pool has. */
export async function openGuestEndpoint({ slot, undo, hold }: LiveMachine, { machinery }: WayDeps): Promise<void> {
  const opening = machinery.openGuestListener(slot).catch(explain('network_failed', 'the guest endpoint could not be opened'));
  undo.push('guest endpoint', async () => (await opening.catch(() => undefined))?.());
  const close = await opening;
  at('guest endpoint opened');
  hold.signal.addEventListener('abort', () => void close(), { once: true });
}

/** The way through the egress process, which leaves alone what is open for it already. */
export async function openWayOut({ slot, machineId, undo }: LiveMachine, { machinery, config }: WayDeps): Promise<void> {
  undo.push('egress', () => machinery.egress.close(slot));
  const lease = { machineId, ...(config.egressUpstream && { upstream: config.egressUpstream }) };
  await machinery.egress.open(slot, lease).catch(explain('network_failed', 'the way out could not be opened'));
  at('egress opened');
}
