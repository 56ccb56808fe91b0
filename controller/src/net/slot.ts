/**
 * A host has slots; a clone takes one. Every address, name and port of a clone's network is a function of its slot,
 * so nothing has to be allotted, remembered or searched for, and the host's own firewall table never changes.
 *
 *   host                      router namespace                     guest namespace
 *   <instance>-h<n> ───veth─── up                 guest ───veth─── eth0
 *   100.96.x.1/30              100.96.x.2/30      192.168.100.1/30 192.168.100.2/30 (the same in every clone)
 */
export interface Slot {
  index: number;
  /** Network namespaces, in /run/netns. */
  routerNetns: string;
  guestNetns: string;
  /** Host's end of the veth to the router namespace. Its name is at most 15 characters. */
  hostInterface: string;
  hostAddress: string;
  /** Router's end: media, websockify and the auth agent of the clone are reached here. */
  routerAddress: string;
  prefixLength: 30;
  /** User and group id of what runs on the host for this clone alone. */
  hostUser: number;
  /** UDP ports of the clone's media, the same number inside and outside; both ends included. */
  media: { portMin: number; portMax: number };
}

/** 100.64.0.0/10 is set aside for carriers' own networks (RFC 6598): no host on the internet and hardly a LAN uses it. */
const BASE = (100 << 24) | (96 << 16);
const ADDRESSES_PER_SLOT = 4;
/** Ids that no distribution gives to users, containers or services (systemd: UIDS-GIDS.md, unused from 0x70000000). */
const HOST_USERS = 0x7000_0000;
const MEDIA_BASE = 20000;
/** One socket a viewer, and as many again for viewers that come back before the old socket is gone. */
export const MEDIA_PORTS_PER_SLOT = 32;

/** Slots that fit: 20000 + 1,000 × 32 = 52000 ports, and 4,000 addresses. */
export const MAX_SLOTS = 1000;

/** Instance names keep two controllers on one host apart (a test beside a product); at most 8 characters so that interface names fit. */
export const INSTANCE_PATTERN = /^[a-z][a-z0-9]{0,7}$/;

/** The slot's facts. `index` from 0 to MAX_SLOTS − 1; throws RangeError otherwise, and for an instance name that does not fit. */
export function toSlot(instance: string, index: number): Slot {
  if (!INSTANCE_PATTERN.test(instance))
    throw new RangeError(`instance ${JSON.stringify(instance)}: 1 to 8 characters of a-z and 0-9 are needed, a letter first`);
  if (!Number.isInteger(index) || index < 0 || index >= MAX_SLOTS)
    throw new RangeError(`slot ${index}: a whole number from 0 to ${MAX_SLOTS - 1} is needed`);
  const base = BASE + index * ADDRESSES_PER_SLOT;
  const portMin = MEDIA_BASE + index * MEDIA_PORTS_PER_SLOT;
  return {
    index,
    routerNetns: `${instance}-r${index}`,
    guestNetns: `${instance}-g${index}`,
    hostInterface: `${instance}-h${index}`,
    hostAddress: toAddress(base + 1),
    routerAddress: toAddress(base + 2),
    prefixLength: 30,
    hostUser: HOST_USERS + index,
    media: { portMin, portMax: portMin + MEDIA_PORTS_PER_SLOT - 1 },
  };
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
