import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that are not the internet (IANA's special-purpose registries, RFC 6890), and why. What a desktop could do
 * with them it would do from the host: every service that trusts the host's own network would trust it.
 */
const DENIED: [network: string, prefix: number, reason: string][] = [
  ['0.0.0.0', 8, 'unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared with carriers'],
  ['127.0.0.0', 8, 'loopback'],
  // Azure's metadata address; the other clouds' is link-local.
  ['168.63.129.16', 32, 'metadata'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  // Relays to IPv6, which nobody runs any more (RFC 7526).
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  // These carry an IPv4 address, which could be any of the above.
  ['2001::', 23, 'reserved'],
  ['2002::', 16, 'reserved'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['ff00::', 8, 'multicast'],
];

const lists = DENIED.map(([network, prefix, reason]) => {
  const list = new BlockList();
  list.addSubnet(network, prefix, familyOf(network));
  return { list, reason };
});
/** All of IPv6 that is given out to the internet (RFC 4291). */
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');

/** Why this address may not be reached; undefined when it may. Anything that is no address may not. */
export function whyDenied(address: string): string | undefined {
  if (!isIPv4(address) && !isIPv6(address)) return 'not an address';
  const family = familyOf(address);
  const found = lists.find(({ list }) => list.check(address, family));
  if (found) return found.reason;
  return family === 'ipv6' && !globalIpv6.check(address, 'ipv6') ? 'reserved' : undefined;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}
