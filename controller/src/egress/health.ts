import type { Probed } from './control-protocol.ts';

/** What is known of an upstream. Before the first probe nothing is, and it is not leased. */
export interface Health {
  isUp: boolean;
  /** Probes in a row that said otherwise. */
  against: number;
  /** From which the world sees come what leaves by it. */
  address?: string | undefined;
  /** Of the last probe that failed. */
  why?: string | undefined;
}

/** One lost packet is no failure, and one answer no recovery. */
const FALL = 3;
const RISE = 2;

/** What is known after a probe. The first one decides by itself. */
export function toHealth(before: Health | undefined, { why, address = before?.address }: Probed): Health {
  const worked = why === undefined;
  if (before === undefined) return { isUp: worked, against: 0, address, why };
  if (worked === before.isUp) return { isUp: worked, against: 0, address, why };
  const against = before.against + 1;
  const turns = against >= (worked ? RISE : FALL);
  return { isUp: turns ? worked : before.isUp, against: turns ? 0 : against, address, why };
}
