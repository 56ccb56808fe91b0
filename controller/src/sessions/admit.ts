import type { Config } from '../config.ts';
import { planAdmission, toRefusal, type HostRoom, type Refused } from './admission.ts';
import type { MachineSlots } from './machine-slots.ts';
import type { WarmPool } from './warm-pool.ts';

export interface DoorDeps {
  config: Config;
  slots: MachineSlots;
  /** Machines that there are on this host. */
  readHeld(): number;
  readHostRoom?: (() => Omit<HostRoom, 'sessions'>) | undefined;
  onRefused?: ((of: Refused['of']) => void) | undefined;
}

const UNBOUNDED = { availableMib: Infinity, usedMib: 0, cpuPressure: 0 };

/** There is none left, though by number one more may run: another's machines have them. */
export const NO_SLOT = { of: 'slots', there: 0, needed: 1 } as const;

/** What one more machine would lack now; undefined when it fits. */
export function findShortage({ config, slots, readHeld, readHostRoom = () => UNBOUNDED }: DoorDeps): Refused | undefined {
  const room = { sessions: readHeld(), ...readHostRoom() };
  return planAdmission(room, config) ?? (slots.free === undefined ? NO_SLOT : undefined);
}

/** Makes way for a session with a machine of its own; one that waits in the pool was admitted before it was booted. Throws HostFull. */
export function admit(deps: DoorDeps, pool: Pick<WarmPool, 'giveWay' | 'size'>): void {
  pool.giveWay(false);
  const isOfNoUse = pool.size > 0 && ['slots', 'memory'].includes(findShortage(deps)?.of ?? '');
  if (isOfNoUse) pool.giveWay(true);
  const refused = findShortage(deps);
  if (!refused) return;
  deps.onRefused?.(refused.of);
  throw toRefusal(refused, deps.readHeld());
}
