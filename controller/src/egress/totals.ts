import type { SlotCounts, State } from './control-protocol.ts';

export type Counts = Pick<SlotCounts, 'connections' | 'bytesUp' | 'bytesDown'>;

/** What went through the process since it began. */
export interface EgressTotals extends Counts {
  /** Connections now, and machines that have a way out. */
  open: number;
  slots: number;
}

export const NOTHING: Counts = { connections: 0, bytesUp: 0, bytesDown: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return { connections: a.connections + b.connections, bytesUp: a.bytesUp + b.bytesUp, bytesDown: a.bytesDown + b.bytesDown };
}

/** Of the slots that are open, and those that were. */
export function toTotals({ slots, closed = NOTHING }: Pick<State, 'slots' | 'closed'>): EgressTotals {
  const all = Object.values(slots);
  return { ...all.reduce(addCounts, closed), open: all.reduce((sum, { open }) => sum + open, 0), slots: all.length };
}
