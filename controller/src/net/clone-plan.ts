import { GUEST_NETWORK } from '#contract/network';
import type { MachineLink } from '../machines/driver.ts';
import type { Slot } from './slot.ts';

/** What the kernel is told for one clone's network, as texts for `ip -batch -`, `nft -f -` and /proc/sys. */
export interface ClonePlan {
  /** Makes both namespaces and both veth pairs; the clone's ends are still down. */
  hostLinks: string;
  /** Arguments of the `ip` that makes the tap, early: a VMM can open it while the rest is made. None without one. */
  tap: string[];
  router: NamespacePlan & { ruleset: string };
  guest: NamespacePlan;
}

interface NamespacePlan {
  /** `key=value`, key as a path below /proc/sys; a key that the kernel lacks is skipped (IPv6 switched off at boot). */
  sysctls: string[];
  links: string;
}

export interface CloneNetworkOptions {
  /** TCP ports of the guest that the host may reach at routerAddress. */
  guestPorts: number[];
  /** How the machine is connected. */
  link?: MachineLink;
  /** Users elsewhere see the clone: replies to their media are forwarded. */
  isPublic?: boolean;
}

/** The same in every clone: what a machine has learnt of it holds in another network, when a snapshot of it becomes another clone. */
const GATEWAY_MAC = '02:00:00:00:64:01';
const { address, gateway, prefixLength, guestEndpointPort, egressProxyPort } = GUEST_NETWORK;
const NO_IPV6 = ['net/ipv6/conf/all/disable_ipv6=1', 'net/ipv6/conf/default/disable_ipv6=1'];

/** All texts for a clone's network. The order of use: hostLinks, then the wall (router.ruleset), then what brings links up. */
export function planCloneNetwork(slot: Slot, options: CloneNetworkOptions): ClonePlan {
  return {
    hostLinks: lines(
      `netns add ${slot.routerNetns}`,
      `netns add ${slot.guestNetns}`,
      `link add ${slot.hostInterface} type veth peer name up netns ${slot.routerNetns}`,
      `link add guest address ${GATEWAY_MAC} netns ${slot.routerNetns} type veth peer name eth0 netns ${slot.guestNetns}`,
      `address add ${slot.hostAddress}/${slot.prefixLength} dev ${slot.hostInterface}`,
    ),
    tap: options.link === 'tap' ? planTap(slot) : [],
    router: {
      sysctls: [...NO_IPV6, 'net/ipv4/ip_forward=1', 'net/ipv4/conf/all/rp_filter=1', 'net/ipv4/conf/all/send_redirects=0'],
      ruleset: planRuleset(slot, options),
      links: lines(
        `address add ${slot.routerAddress}/${slot.prefixLength} dev up`,
        `address add ${gateway}/${prefixLength} dev guest`,
        'link set dev up up',
        'link set dev guest up',
        `route add default via ${slot.hostAddress}`,
      ),
    },
    guest: {
      sysctls: NO_IPV6,
      links: options.link === 'tap' ? planBridge() : planInterface(),
    },
  };
}

/** The container's own interface, with its address: it may set neither. */
function planInterface(): string {
  return lines('link set lo up', `address add ${address}/${prefixLength} dev eth0`, 'link set eth0 up', `route add default via ${gateway}`);
}

/** A tap for the VMM's user, still down. */
function planTap({ guestNetns, hostUser }: Slot): string[] {
  const user = String(hostUser);
  return ['-netns', guestNetns, ...['tuntap', 'add', 'dev', 'tap0', 'mode', 'tap', 'vnet_hdr', 'user', user, 'group', user]];
}

/** The tap, bridged to the way out. The namespace itself has no address: nothing in it can be spoken to. */
function planBridge(): string {
  return lines(
    'link add bridge type bridge mcast_snooping 0',
    'link set eth0 master bridge',
    'link set tap0 master bridge',
    'link set eth0 up',
    'link set tap0 up',
    'link set bridge up',
  );
}

/**
 * The wall of one clone, in its router namespace: the same for every driver. What ignores the proxy is told so at once
 * (reject) instead of being left to wait; nothing else is answered.
 */
function planRuleset(slot: Slot, { guestPorts }: CloneNetworkOptions): string {
  const guestEndpoints = `{ ${guestEndpointPort}, ${egressProxyPort} }`;
  const media = `${slot.media.portMin}-${slot.media.portMax}`;
  const ports = guestPorts.length > 0 ? `{ ${guestPorts.join(', ')} }` : undefined;
  const toGuest = `iifname "up" ip daddr ${slot.routerAddress}`;
  return lines(
    'table inet clone {',
    '  chain refuse {',
    '    meta l4proto tcp reject with tcp reset',
    '    reject with icmp type admin-prohibited',
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
    `    iifname "guest" oifname "up" ip daddr ${slot.hostAddress} tcp dport ${guestEndpoints} ct status dnat accept`,
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

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
