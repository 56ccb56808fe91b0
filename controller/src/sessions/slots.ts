import { MAX_SLOTS } from '../net/slot.ts';

/** The lowest slot that is not in `used`; undefined when all are. */
export function pickSlot(used: Iterable<number>): number | undefined {
  const taken = new Set(used);
  for (let index = 0; index < MAX_SLOTS; index++) if (!taken.has(index)) return index;
  return undefined;
}
