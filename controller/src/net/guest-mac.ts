/*
 * Ethernet addresses, the same in every clone: what a machine has learnt of one network holds in another, when a snapshot of it becomes
 * another clone. Locally administered.
 */
export const GATEWAY_MAC = '02:00:00:00:64:01';
export const GUEST_MAC = '02:00:00:00:64:02';
