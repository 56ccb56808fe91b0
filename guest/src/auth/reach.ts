import { request } from 'node:http';
import { GUEST_NETWORK } from '#contract/network';

const TIMEOUT_MS = 10_000;

/** Asks the egress proxy for a way to a host (`name:port`). Resolves with why there is none; undefined when there is. */
export type Probe = (host: string) => Promise<string | undefined>;

export const probeByProxy: Probe = (host) =>
  new Promise((resolve) => {
    const { gateway, egressProxyPort } = GUEST_NETWORK;
    const asking = request({
      host: gateway,
      port: egressProxyPort,
      method: 'CONNECT',
      path: host,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    asking.on('connect', ({ statusCode, statusMessage }, socket) => {
      socket.destroy();
      resolve(statusCode === 200 ? undefined : `the egress proxy answered ${statusCode} ${statusMessage}`.trim());
    });
    asking.on('response', ({ statusCode }) => resolve(`the egress proxy answered ${statusCode}`));
    asking.on('error', ({ name, message }) => resolve(name === 'TimeoutError' ? 'the egress proxy did not answer' : message));
    asking.end();
  });

/** Why none of these hosts can be reached; undefined when one can, or when there are none. */
export async function findUnreachable(hosts: readonly string[], probe: Probe): Promise<string | undefined> {
  const reasons = await Promise.all(hosts.map(async (host) => ({ host, why: await probe(host) })));
  if (reasons.some(({ why }) => why === undefined) || reasons.length === 0) return undefined;
  return reasons.map(({ host, why }) => `${host} cannot be reached through the proxy: ${why}`).join('; ');
}

/** `https://a.example/x` → `a.example:443`. */
export function toHostPort(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined;
  return `${parsed.hostname}:${parsed.port || (parsed.protocol === 'http:' ? 80 : 443)}`;
}
