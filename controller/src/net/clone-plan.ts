import { GUEST_NETWORK } from '#contract/network';
import type { MachineLink } from '../machines/driver.ts';
import { GATEWAY_MAC, GUEST_MAC } from './guest-mac.ts';
import type { Slot } from './slot.ts';
import { planWall } from './wall.ts';

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

const { address, gateway, prefixLength } = GUEST_NETWORK;
const NO_IPV6 = ['net/ipv6/conf/all/disable_ipv6=1', 'net/ipv6/conf/default/disable_ipv6=1'];

/** s. Ended connections are forgotten soon: what a guest opens and closes without end takes this much room, and not twelve times as much. */
const TIME_WAIT_S = 10;

/** All texts for a clone's network. The order of use: hostLinks, then the wall (router.ruleset), then what brings links up. */
export function planCloneNetwork(slot: Slot, options: CloneNetworkOptions): ClonePlan {
  return {
    hostLinks: lines(
      `netns add ${slot.routerNetns}`,
      `netns add ${slot.guestNetns}`,
      `link add ${slot.hostInterface} type veth peer name up netns ${slot.routerNetns}`,
      `link add guest address ${GATEWAY_MAC} netns ${slot.routerNetns} type veth peer name eth0 ${toPeerMac(options)}netns ${slot.guestNetns}`,
      `address add ${slot.hostAddress}/${slot.prefixLength} dev ${slot.hostInterface}`,
    ),
    tap: options.link === 'tap' ? planTap(slot) : [],
    router: {
      sysctls: [
        ...NO_IPV6,
        'net/ipv4/ip_forward=1',
        'net/ipv4/conf/all/rp_filter=1',
        'net/ipv4/conf/all/send_redirects=0',
        `net/netfilter/nf_conntrack_tcp_timeout_time_wait=${TIME_WAIT_S}`,
      ],
      ruleset: planWall(slot, options.guestPorts),
      links: lines(
        `address add ${slot.routerAddress}/${slot.prefixLength} dev up`,
        `address add ${gateway}/${prefixLength} dev guest`,
        'link set dev up up',
        'link set dev guest up',
        // Known for good: nothing that the guest says by ARP makes the router send elsewhere.
        `neigh add ${address} lladdr ${GUEST_MAC} dev guest nud permanent`,
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

/** Behind a bridge the guest itself has the address. */
function toPeerMac({ link }: CloneNetworkOptions): string {
  return link === 'tap' ? '' : `address ${GUEST_MAC} `;
}

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
