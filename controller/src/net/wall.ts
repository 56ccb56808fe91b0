import { GUEST_NETWORK } from '#contract/network';
import { GUEST_MAC } from './guest-mac.ts';
import type { Slot } from './slot.ts';

/** Why the wall refuses a packet of a guest. */
export const WALL_CLASSES = {
  flood: 'more packets than a guest may send in a second',
  spoofed: 'an Ethernet or IPv4 address that is not the guest’s, ARP included',
  foreign: 'neither IPv4 nor ARP: IPv6, VLANs, anything else',
  tcp: 'TCP to where nothing leads',
  udp: 'UDP that is no reply',
  icmp: 'ICMP that is no reply',
  other: 'other protocols over IPv4, and what belongs to no connection',
  new_rate: 'more new connections than a guest may begin in a second',
  connections: 'more connections than a guest may have',
} as const;
export type WallClass = keyof typeof WALL_CLASSES;

/** A class's counter is called so and then as the class: `tcp` alone is a word of nft. */
export const COUNTER_PREFIX = 'refused_';

/** Frames a second: 600 Mbit/s of full ones, and far more where the kernel joins them. */
const PACKETS = { perSecond: 50_000, burst: 20_000 };
const ARP_PER_SECOND = 50;
/** A browser that opens a page full of hosts begins some hundred at once. */
const NEW_CONNECTIONS = { perSecond: 100, burst: 500 };
/** What the egress proxy takes of one clone (1,024) and the guest endpoint (32), and as many again as are just ending. */
const CONNECTIONS = 1_200;
/** Answers a second to what is refused. */
const REFUSALS = { perSecond: 200, burst: 200 };

const { address, gateway, guestEndpointPort, egressProxyPort } = GUEST_NETWORK;

/**
 * The wall of one clone, in its router namespace, for `nft -f -`: the same for every driver. What ignores the proxy is told so at once
 * (reject) instead of being left to wait; nothing else is answered. Each class of what is refused has a counter.
 *
 *   guest ─ ingress: its Ethernet address, its IPv4 address, or nothing ─ forward: two ports of the gateway, replies, or nothing ─ up
 */
export function planWall(slot: Slot, guestPorts: readonly number[]): string {
  return `${planIngress()}${planRules(slot, guestPorts)}`;
}

/** Before the router makes anything of a frame: fragments are whole behind it, connections are known, ARP is believed. */
function planIngress(): string {
  return `table netdev clone {
${toCounters('flood', 'spoofed', 'foreign')}  chain ingress {
    type filter hook ingress device "guest" priority 0; policy drop;
    limit rate over ${PACKETS.perSecond}/second burst ${PACKETS.burst} packets counter name "refused_flood" drop
    ether saddr != ${GUEST_MAC} counter name "refused_spoofed" drop
    ether type ip ip saddr ${address} accept
    ether type ip counter name "refused_spoofed" drop
    ether type != arp counter name "refused_foreign" drop
    arp saddr ether != ${GUEST_MAC} counter name "refused_spoofed" drop
    arp saddr ip != ${address} counter name "refused_spoofed" drop
    limit rate over ${ARP_PER_SECOND}/second counter name "refused_flood" drop
    accept
  }
}
`;
}

function planRules(slot: Slot, guestPorts: readonly number[]): string {
  const guestEndpoints = `{ ${guestEndpointPort}, ${egressProxyPort} }`;
  const media = `${slot.media.portMin}-${slot.media.portMax}`;
  const ports = guestPorts.length > 0 ? `{ ${guestPorts.join(', ')} }` : undefined;
  const toGuest = `iifname "up" ip daddr ${slot.routerAddress}`;
  return lines(
    'table inet clone {',
    toCounters('tcp', 'udp', 'icmp', 'other', 'new_rate', 'connections').trimEnd(),
    '  chain refuse {',
    '    ct state invalid counter name "refused_other" drop',
    '    meta l4proto tcp counter name "refused_tcp"',
    '    meta l4proto udp counter name "refused_udp"',
    '    meta l4proto icmp counter name "refused_icmp"',
    '    meta l4proto != { tcp, udp, icmp } counter name "refused_other"',
    '    jump answer',
    '  }',
    '  chain answer {',
    `    limit rate over ${REFUSALS.perSecond}/second burst ${REFUSALS.burst} packets drop`,
    '    meta l4proto tcp reject with tcp reset',
    '    reject with icmp type admin-prohibited',
    '  }',
    '  chain begin {',
    `    limit rate over ${NEW_CONNECTIONS.perSecond}/second burst ${NEW_CONNECTIONS.burst} packets counter name "refused_new_rate" jump answer`,
    `    ct count over ${CONNECTIONS} counter name "refused_connections" jump answer`,
    '    accept',
    '  }',
    '  chain pin {',
    '    type filter hook prerouting priority raw; policy accept;',
    '    meta nfproto ipv6 drop',
    `    iifname "guest" ip saddr != ${address} drop`,
    '  }',
    '  chain translate_in {',
    '    type nat hook prerouting priority dstnat; policy accept;',
    `    iifname "guest" ip daddr ${gateway} tcp dport ${guestEndpoints} dnat ip to ${slot.hostAddress}`,
    ...(ports ? [`    ${toGuest} ip saddr ${slot.hostAddress} tcp dport ${ports} dnat ip to ${address}`] : []),
    `    ${toGuest} udp dport ${media} dnat ip to ${address}`,
    '  }',
    '  chain translate_out {',
    '    type nat hook postrouting priority srcnat; policy accept;',
    `    oifname "up" ip saddr ${address} snat ip to ${slot.routerAddress}`,
    '  }',
    '  chain forward {',
    '    type filter hook forward priority filter; policy drop;',
    '    ct state established,related accept',
    `    iifname "guest" oifname "up" ip daddr ${slot.hostAddress} tcp dport ${guestEndpoints} ct state new ct status dnat goto begin`,
    ...(ports
      ? [`    iifname "up" oifname "guest" ip saddr ${slot.hostAddress} ip daddr ${address} tcp dport ${ports} ct status dnat accept`]
      : []),
    `    iifname "up" oifname "guest" ip daddr ${address} udp dport ${media} ct status dnat accept`,
    '    iifname "guest" jump refuse',
    '  }',
    '  chain input {',
    '    type filter hook input priority filter; policy drop;',
    '    iifname "guest" jump refuse',
    '  }',
    '  chain output {',
    '    type filter hook output priority filter; policy drop;',
    '    oifname "guest" ct state related accept',
    '  }',
    '}',
  );
}

function toCounters(...names: WallClass[]): string {
  return names.map((name) => `  counter ${COUNTER_PREFIX}${name} {\n  }\n`).join('');
}

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
