import { at } from '../fault-point.ts';
import { explain } from './explain.ts';
import type { BringUpDeps } from './bring-up.ts';
import type { LiveSession } from './live-session.ts';

/** Opens what leads out of a machine: the guest endpoint, and the way through the egress process, which leaves alone what is open for it already. */
export async function openWays(live: LiveSession, { machinery, config }: Pick<BringUpDeps, 'machinery' | 'config'>): Promise<void> {
  const { slot, machineId, undo, hold } = live;
  const opening = machinery.openGuestListener(slot).catch(explain('network_failed', 'the guest endpoint could not be opened'));
  undo.push('guest endpoint', async () => (await opening.catch(() => undefined))?.());
  const close = await opening;
  at('guest endpoint opened');
  hold.signal.addEventListener('abort', () => void close(), { once: true });

  undo.push('egress', () => machinery.egress.close(slot));
  const lease = { machineId, ...(config.egressUpstream && { upstream: config.egressUpstream }) };
  await machinery.egress.open(slot, lease).catch(explain('network_failed', 'the way out could not be opened'));
  at('egress opened');
}
