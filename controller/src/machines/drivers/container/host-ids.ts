/** Ids that a guest has: Debian's own end at 65534. */
export const ID_COUNT = 65_536;

/**
 * First of the host's ids that stand for a machine's 0 to 65535: no two machines have one in common, so that what gets out of one is
 * nobody to the others too. `hostUser` is the slot's (see net/slot.ts); all are below 2 ** 31 and of no distribution's (systemd: UIDS-GIDS.md).
 */
export function toFirstHostId(hostUser: number): number {
  const index = hostUser & 0xffff;
  return FIRST + index * ID_COUNT;
}

const FIRST = 0x7100_0000;
