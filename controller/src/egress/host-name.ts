import { toUrlHost } from '../net/url-host.ts';

const NAME_MAX = 253;
/** What would end a host in a URL, and begin something else. */
const NO_HOST = /[\s/\\?#@]/;

/**
 * A host in the one form in which it is judged, resolved and connected to, however it was written: lower case, ASCII (IDNA), without
 * brackets and a last dot, IPv4 dotted (of decimal, octal, hexadecimal and short forms), IPv6 as RFC 5952 has it. As browsers read it
 * (URL Standard, "host parsing"), who would else see another host than we. Undefined when it is none.
 */
export function toHost(written: string): string | undefined {
  if (NO_HOST.test(written)) return undefined;
  const url = URL.parse(`http://${toUrlHost(written)}/`);
  if (!url || url.port || (written.includes(':') && !url.hostname.startsWith('['))) return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return host === '' || host.length > NAME_MAX || host.split('.').includes('') ? undefined : host;
}
