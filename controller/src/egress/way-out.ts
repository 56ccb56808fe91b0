import type { Socket } from 'node:net';
import { connectTo } from './connect.ts';
import type { Way } from './control-protocol.ts';
import { Refused } from './refused.ts';
import type { Address, Surroundings } from './target.ts';
import { connectThrough } from './upstream.ts';

/** Not all upstreams speak IPv6, and few tell at once that they do not. */
const TRIES = 2;

/** A connection to one of these addresses, which were checked, by the way of a lease. Throws RequestError 502 in a person's words. */
export async function connectBy(
  way: Way,
  host: string,
  port: number,
  addresses: readonly Address[],
  surroundings: Pick<Surroundings, 'resolve'>,
): Promise<Socket> {
  if (way === 'none') throw new Refused('closed', 'there is no way out any more: the operator took it away', 503);
  if (way === 'direct') return connectTo(host, port, addresses);
  const [first, ...others] = addresses.toSorted((a, b) => a.family - b.family).slice(0, TRIES);
  const connect = (address: Address) => connectThrough(way, address, port, surroundings);
  let connecting = connect(first!);
  for (const address of others) connecting = connecting.catch(() => connect(address));
  return connecting;
}
