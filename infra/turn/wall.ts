import { MAX_SLOTS, toSlot } from '../../controller/src/net/slot.ts';
import { toSlots, type TurnPeers, type TurnPlan } from './coturn-config.ts';

/** The user that Debian's package brings. */
export const COTURN_USER = 'turnserver';
export const TURN_TABLE = 'oriel_turn';

/**
 * The wall of coturn, for `nft -f -`: what its user may send. Replies to browsers; UDP from the ports of allocations to those where desktops'
 * media are; nothing else, whatever coturn was told or talked into. It says nothing of anybody else's packets.
 */
export function planTurnWall({ relayPorts, peers }: Pick<TurnPlan, 'relayPorts' | 'peers'>): string {
  return `table inet ${TURN_TABLE}
delete table inet ${TURN_TABLE}
table inet ${TURN_TABLE} {
  set media {
    type ipv4_addr . inet_service
    flags interval
    elements = { ${toMedia(peers).join(', ')} }
  }
  counter refused {
  }
  chain output {
    type filter hook output priority filter; policy accept;
    meta skuid "${COTURN_USER}" jump of_coturn
  }
  chain of_coturn {
    ct direction reply accept
    udp sport ${relayPorts.min}-${relayPorts.max} ip daddr . udp dport @media accept
    counter name "refused" drop
  }
}
`;
}

/** Of another host all slots' ports, as its table leads them on; of this host's slots each with its own. */
function toMedia({ hosts, slots }: TurnPeers): string[] {
  const [first, last] = [toSlot('oriel', 0).media.portMin, toSlot('oriel', MAX_SLOTS - 1).media.portMax];
  return [
    ...hosts.map((host) => `${host} . ${first}-${last}`),
    ...toSlots(slots).map(({ routerAddress, media }) => `${routerAddress} . ${media.portMin}-${media.portMax}`),
  ];
}
