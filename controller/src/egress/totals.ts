import type { Counts, State } from './control-protocol.ts';
import { REFUSALS, type Refusals } from './refused-kinds.ts';

/** What went through the process since it began. */
export interface EgressTotals extends Counts {
  /** Connections now, and machines that have a way out. */
  open: number;
  slots: number;
}

export const NOTHING: Counts = { connections: 0, bytesUp: 0, bytesDown: 0, refused: {} };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    connections: a.connections + b.connections,
    bytesUp: a.bytesUp + b.bytesUp,
    bytesDown: a.bytesDown + b.bytesDown,
    refused: addRefusals(a.refused, b.refused),
  };
}

/** Of the slots that are open, and those that were. */
export function toTotals({ slots, closed = NOTHING }: Pick<State, 'slots' | 'closed'>): EgressTotals {
  const all = Object.values(slots);
  return { ...all.reduce(addCounts, closed), open: all.reduce((sum, { open }) => sum + open, 0), slots: all.length };
}

/** All kinds together. */
export function sumRefusals(refused: Refusals): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

function addRefusals(a: Refusals, b: Refusals): Refusals {
  const sums = REFUSALS.map((kind) => [kind, (a[kind] ?? 0) + (b[kind] ?? 0)] as const);
  return Object.fromEntries(sums.filter(([, count]) => count > 0));
}
