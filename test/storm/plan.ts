import { FAULT_POINTS, type FaultPoint } from '../../controller/src/fault-point.ts';

/** How one life of the controller ends: at a fault point, the nth time that it comes by, or after a while, killed or (`isAsked`) told to. */
export type Kill = { at: string; nth: number } | { afterMs: number; isAsked: boolean };

/** A random instant lies anywhere from the process's start to well after it serves, ms. */
export const LIFE_MS = 3_000;
const NTH_MOST = 4;
/** Of the ends at random instants: restarts as an operator makes them. */
const ASKED = 0.2;

/** The points that a controller comes by: some are the warm pool's. */
export function toPoints(hasPool: boolean): FaultPoint[] {
  return FAULT_POINTS.filter((point) => hasPool || !point.startsWith('warm '));
}

/** So many kills at each of these fault points, and at random instants what is missing to `kills`, in random order. */
export function planKills(kills: number, perPoint: number, names: readonly FaultPoint[], random: () => number, lifeMs = LIFE_MS): Kill[] {
  const points = names.flatMap((at) => Array.from({ length: perPoint }, () => ({ at, nth: 1 + Math.floor(random() * NTH_MOST) })));
  const instants = Array.from({ length: Math.max(0, kills - points.length) }, () => ({
    afterMs: Math.round(random() * lifeMs),
    isAsked: random() < ASKED,
  }));
  return [...points, ...instants]
    .map((kill) => ({ kill, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ kill }) => kill);
}
