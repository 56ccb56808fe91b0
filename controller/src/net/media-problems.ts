import { run } from '../host/run.ts';
import { isForwarding } from './forwarding.ts';
import { MAX_SLOTS, toSlot } from './slot.ts';
import { findUplinks } from './uplinks.ts';

/** A chain as `nft -j list chains` tells of it; one without a hook is only jumped to. */
interface Chain {
  family: string;
  table: string;
  name: string;
  type?: string;
  hook?: string;
  policy?: string;
}

/** Why media of users elsewhere may not reach the clones of this host, each in a sentence with what to do. Empty when nobody is elsewhere. */
export async function findMediaProblems(instance: string, publicAddresses: readonly string[]): Promise<string[]> {
  if (publicAddresses.length === 0) return [];
  const [uplinks, listing] = await Promise.all([findUplinks(publicAddresses), run(['nft', '-j', 'list', 'chains'])]);
  const { nftables } = JSON.parse(listing) as { nftables: { chain?: Chain }[] };
  const forwarding = await Promise.all(uplinks.map(isForwarding));
  return [
    ...toUplinkProblems(uplinks.map((name, index) => ({ name, isForwarding: forwarding[index]! }))),
    ...toFirewallProblems(
      nftables.flatMap(({ chain }) => chain ?? []),
      instance,
    ),
  ];
}

export function toUplinkProblems(uplinks: readonly { name: string; isForwarding: boolean }[]): string[] {
  if (uplinks.length === 0)
    return ['no interface of this host has one of ORIEL_PUBLIC_ADDRESSES, and there is no default route: media have no way in'];
  return uplinks
    .filter(({ isForwarding }) => !isForwarding)
    .map(
      ({ name }) =>
        `${name} does not forward (net.ipv4.conf.${name}.forwarding is 0): something has switched it off again; start Oriel anew`,
    );
}

/** Firewalls of others see forwarded media, too, and what they drop is lost whatever our table says. */
export function toFirewallProblems(chains: readonly Chain[], instance: string): string[] {
  const from = toSlot(instance, 0).media.portMin;
  const to = toSlot(instance, MAX_SLOTS - 1).media.portMax;
  return chains
    .filter(
      ({ family, table, hook, policy }) => hook === 'forward' && policy === 'drop' && ['ip', 'inet'].includes(family) && table !== instance,
    )
    .map(
      ({ family, table, name }) =>
        `chain ${name} of table ${family} ${table} drops what it has no rule for (ufw and Docker make it so): ` +
        `let it accept UDP ports ${from} to ${to} out to interfaces ${instance}-h*, and established connections back`,
    );
}
