/** Something on the host that Oriel made, and what has to be there for it to be in its place. */
export interface Trace {
  kind: TraceKind;
  /** As the host's own tools name it. */
  name: string;
  /** A machine, by its id or by its slot; or any machine, or the controller: what all of them share. */
  of: { machineId: string } | { slot: number } | 'instance';
}

export type TraceKind = 'namespace' | 'link' | 'firewall table' | 'control group' | 'process' | 'mount' | 'directory' | 'socket';

/** What the database and the lock say that there is. */
export interface Records {
  machines: readonly { machineId: string; slot: number }[];
  isControllerRunning: boolean;
}

/** Traces that no record stands for. */
export function toLeftOver(traces: readonly Trace[], { machines, isControllerRunning }: Records): Trace[] {
  const ids = new Set(machines.map(({ machineId }) => machineId));
  const slots = new Set(machines.map(({ slot }) => slot));
  const isInPlace = ({ of }: Trace) => {
    if (of === 'instance') return isControllerRunning || machines.length > 0;
    return 'slot' in of ? slots.has(of.slot) : ids.has(of.machineId);
  };
  return traces.filter((trace) => !isInPlace(trace));
}

export function countByKind(traces: readonly Trace[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of traces) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
