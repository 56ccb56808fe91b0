import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export type IsTrusted = (address: string) => boolean;

/** Whether an address is one of these, or in one of these networks. */
export function toTrust(networks: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) list.addAddress(address, toFamily(address));
    else list.addSubnet(address, Number(bits), toFamily(address));
  }
  return (address) => isIP(address) !== 0 && list.check(address, toFamily(address));
}

/** Who asks: the last of those that a request went by whom nobody vouches for. As Fastify's `request.ip`, for what is no route's. */
export function toAddress({ socket, headers }: IncomingMessage, isTrusted: IsTrusted): string {
  const words = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const said = words.map((word) => word.trim()).filter(Boolean);
  let address = socket.remoteAddress ?? '';
  while (isTrusted(address) && said.length > 0) address = said.pop()!;
  return address;
}

function toFamily(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
