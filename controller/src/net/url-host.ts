import { isIPv6 } from 'node:net';

/** A name or an address as it stands in a URL. */
export function toUrlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
