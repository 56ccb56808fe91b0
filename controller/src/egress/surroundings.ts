import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import type { Surroundings } from './target.ts';

/** With a thousand clones listing the interfaces takes milliseconds; they seldom change. */
const REMEMBER_MS = 5_000;

/** This host's resolver and interfaces. */
export function createSurroundings(now: () => number = Date.now): Surroundings {
  let known: { addresses: ReadonlySet<string>; until: number } | undefined;
  return {
    resolve: (hostname) => lookup(hostname, { all: true, order: 'verbatim' }),
    ownAddresses() {
      if (!known || now() > known.until) known = { addresses: listAddresses(), until: now() + REMEMBER_MS };
      return known.addresses;
    },
  };
}

function listAddresses(): ReadonlySet<string> {
  return new Set(
    Object.values(networkInterfaces())
      .flat()
      .flatMap((entry) => entry?.address ?? []),
  );
}
