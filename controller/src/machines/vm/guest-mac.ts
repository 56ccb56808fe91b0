/** Ethernet address of every guest: the same in every clone, so that a snapshot of one can become another. Locally administered. */
export const GUEST_MAC = '02:00:00:00:64:02';
