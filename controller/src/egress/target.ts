import { isIP } from 'node:net';
import { RequestError } from 'proxy-chain';
import { whyDenied } from './denied-address.ts';
import { Refused } from './refused.ts';

export interface Address {
  address: string;
  family: number;
}

/** How names become addresses, and which addresses this host has itself. */
export interface Surroundings {
  resolve(hostname: string): Promise<Address[]>;
  ownAddresses(): ReadonlySet<string>;
}

/** Names that mean a place in somebody's own network, whoever resolves them. */
const LOCAL_NAMES = /(^|\.)(localhost|localdomain|local|internal|lan|home\.arpa|intranet)$/;

/**
 * Addresses that may be connected to for this host (as `toHost` gives it): checked once, here; whoever connects uses these and asks
 * nobody again. Throws Refused when it leads to no address on the internet, RequestError 502 when it leads nowhere.
 */
export async function resolveTarget(host: string, surroundings: Surroundings): Promise<Address[]> {
  if (LOCAL_NAMES.test(host)) throw new Refused('name', `${host} cannot be reached from here: the name is local. ${ONLY}`);
  const addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await resolveName(host, surroundings);
  const allowed = addresses.filter(({ address }) => whyNot(address, surroundings) === undefined);
  if (allowed.length > 0) return allowed;
  const { address } = addresses[0]!;
  throw new Refused('address', toRefusal(host, address, whyNot(address, surroundings)!));
}

async function resolveName(host: string, { resolve }: Surroundings): Promise<Address[]> {
  const addresses = await resolve(host).catch((error: NodeJS.ErrnoException) => {
    throw new RequestError(
      error.code === 'ENOTFOUND' ? `${host}: there is no host of this name` : `${host}: its address cannot be found (${error.code})`,
      502,
    );
  });
  if (addresses.length === 0) throw new RequestError(`${host}: there is no address of this name`, 502);
  return addresses;
}

function whyNot(address: string, { ownAddresses }: Surroundings): string | undefined {
  return whyDenied(address) ?? (ownAddresses().has(address) ? "the desktop's own host's" : undefined);
}

const ONLY = 'A desktop reaches the internet only.';

function toRefusal(host: string, address: string, reason: string): string {
  const subject = host === address ? address : `${host} (${address})`;
  return `${subject} cannot be reached from here: the address is ${reason}. ${ONLY}`;
}
