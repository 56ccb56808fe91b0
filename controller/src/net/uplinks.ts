import { run } from '../host/run.ts';

interface Route {
  dev?: string;
}
interface Link {
  ifname: string;
  addr_info: { local?: string }[];
}

/** This host's interfaces on which packets of users come in. */
export async function findUplinks(publicAddresses: readonly string[]): Promise<string[]> {
  const [routes, links] = await Promise.all([
    run(['ip', '-j', '-4', 'route', 'show', 'default']),
    run(['ip', '-j', '-4', 'address', 'show']),
  ]);
  return toUplinks(JSON.parse(routes) as Route[], JSON.parse(links) as Link[], publicAddresses);
}

/**
 * Those that have a public address, and those that default routes lead out of: where the public address is that of a NAT in
 * front of this host (most clouds), none has it.
 */
export function toUplinks(routes: readonly Route[], links: readonly Link[], publicAddresses: readonly string[]): string[] {
  const addressed = links.filter(({ addr_info }) => addr_info.some(({ local }) => local !== undefined && publicAddresses.includes(local)));
  const names = [...addressed.map(({ ifname }) => ifname), ...routes.flatMap(({ dev }) => dev ?? [])];
  return [...new Set(names)].filter((name) => name !== 'lo').sort();
}
