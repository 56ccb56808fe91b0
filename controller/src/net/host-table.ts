import { GUEST_NETWORK } from '#contract/network';
import { CommandFailed, run } from '../host/run.ts';
import { isForwarding, setForwarding } from './forwarding.ts';
import { INSTANCE_PATTERN, MAX_SLOTS, toSlot } from './slot.ts';
import { findUplinks } from './uplinks.ts';

/** How media of users elsewhere reach the clones of this host. */
export interface PublicPath {
  /** Interfaces on which they come in. */
  uplinks: readonly string[];
  /** Those of them that forward for our sake alone. */
  opened: readonly string[];
}

/**
 * Puts the host's one table in place (again: in one transaction, so that the wall never has a gap). With public addresses, the
 * interfaces where those are reached forward media, and only those.
 */
export async function installHostTable(instance: string, publicAddresses: readonly string[] = []): Promise<void> {
  const before = await readOpened(instance);
  const uplinks = publicAddresses.length > 0 ? await findUplinks(publicAddresses) : [];
  const forwarding = await Promise.all(uplinks.map(isForwarding));
  const opened = uplinks.filter((name, index) => before.includes(name) || !forwarding[index]);
  for (const name of before) if (!opened.includes(name)) await setForwarding(name, false);
  await run(['nft', '-f', '-'], { input: planHostTable(instance, { uplinks, opened }) });
  for (const name of opened) await setForwarding(name, true);
}

/** Takes it away, as far as it is there, and the forwarding that it guarded. */
export async function removeHostTable(instance: string): Promise<void> {
  for (const name of await readOpened(instance)) await setForwarding(name, false);
  await run(['nft', '-f', '-'], { input: planHostTableRemoval(instance) });
}

/**
 * The host's second wall, behind each clone's own. It says nothing of any packet that neither comes from nor goes to a
 * clone's interface, but for interfaces that forward for our sake alone: those go on forwarding nothing else. `accept` is this
 * table's word only: another table (ufw, firewalld, Docker) can still drop; see media-problems.ts.
 */
export function planHostTable(instance: string, { uplinks, opened }: PublicPath = { uplinks: [], opened: [] }): string {
  const clones = `"${check(instance)}-h*"`;
  // Needs no state, so it has none: what clones begin and end without end would fill the one table of the whole host.
  const own = `{ ${GUEST_NETWORK.guestEndpointPort}, ${GUEST_NETWORK.egressProxyPort} }`;
  return `${planHostTableRemoval(instance)}table inet ${instance} {
${uplinks.length > 0 ? planMediaIn(instance, uplinks) : ''}  set ${OPENED} {
    type ifname
${opened.length > 0 ? `    elements = { ${toNames(opened)} }\n` : ''}  }
  chain untracked_in {
    type filter hook prerouting priority raw; policy accept;
    iifname ${clones} tcp dport ${own} notrack
  }
  chain untracked_out {
    type filter hook output priority raw; policy accept;
    oifname ${clones} tcp sport ${own} notrack
  }
  chain from_clone {
    meta nfproto ipv6 drop
    fib saddr . iif oif missing drop
    ct state established,related accept
    fib daddr . iif type local tcp dport ${own} accept
    drop
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname ${clones} jump from_clone
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
${uplinks.length > 0 ? planMediaForward(clones, uplinks) : ''}    iifname ${clones} drop
    oifname ${clones} drop
    iifname @${OPENED} ct state new ct status ! dnat drop
  }
}
`;
}

/** Naming the table first makes the deletion good on a host that has none. */
export function planHostTableRemoval(instance: string): string {
  return `table inet ${check(instance)}\ndelete table inet ${instance}\n`;
}

/** Remembered by the kernel, which forgets the table and the forwarding together. */
const OPENED = 'opened';

/** Every slot's ports lead to its router, whether there is a clone or not: a clone adds nothing here. */
function planMediaIn(instance: string, uplinks: readonly string[]): string {
  const slots = Array.from({ length: MAX_SLOTS }, (_, index) => toSlot(instance, index));
  return `  map clone_of_port {
    type inet_service : ipv4_addr
    flags interval
    elements = { ${slots.map(({ media, routerAddress }) => `${media.portMin}-${media.portMax} : ${routerAddress}`).join(', ')} }
  }
  chain media_in {
    type nat hook prerouting priority dstnat; policy accept;
    iifname { ${toNames(uplinks)} } fib daddr type local dnat ip to udp dport map @clone_of_port
  }
`;
}

/** In: what was sent on to a clone above, and errors about it. Out: the replies to that. */
function planMediaForward(clones: string, uplinks: readonly string[]): string {
  return `    iifname { ${toNames(uplinks)} } oifname ${clones} meta l4proto { udp, icmp } ct status dnat accept
    iifname ${clones} oifname { ${toNames(uplinks)} } ct direction reply ct status dnat accept
`;
}

async function readOpened(instance: string): Promise<string[]> {
  try {
    const { nftables } = JSON.parse(await run(['nft', '-j', 'list', 'set', 'inet', check(instance), OPENED])) as {
      nftables: { set?: { elem?: string[] } }[];
    };
    return nftables.flatMap(({ set }) => set?.elem ?? []);
  } catch (error) {
    // No table, or one of a release that had no set: nothing was opened.
    if (error instanceof CommandFailed && error.message.includes('No such file or directory')) return [];
    throw error;
  }
}

/** The kernel lets a name have a quote in it; no interface of a host that means well does. */
function toNames(names: readonly string[]): string {
  return names
    .filter((name) => /^[^"\s\\]{1,15}$/.test(name))
    .map((name) => `"${name}"`)
    .join(', ');
}

function check(instance: string): string {
  if (!INSTANCE_PATTERN.test(instance)) throw new RangeError(`instance ${JSON.stringify(instance)} is no instance name`);
  return instance;
}
