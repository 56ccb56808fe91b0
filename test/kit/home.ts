import { execFileSync } from 'node:child_process';
import { INTERNET } from './internet.ts';

/**
 * A user's home, as most have it: a machine with a private address and a default route, behind a router that gives all of them
 * its one public address. Nothing but the host's public address is near: the rest goes by the router's default route.
 *
 *   home                          homerouter                                   the test's own namespace: the host
 *   eth0 192.168.178.20/24 ─veth─ lan 192.168.178.1/24, wan1 203.0.113.50/24 ─veth─ wan0 203.0.113.1/24
 */
export const HOME = { netns: 'home', routerNetns: 'homerouter', publicAddress: '203.0.113.50' } as const;

/** Sets it up; needs `makeInternet` before. It goes with the test's namespaces. */
export function makeHome(): void {
  const { netns, routerNetns, publicAddress } = HOME;
  ip(
    [],
    `netns add ${netns}`,
    `netns add ${routerNetns}`,
    `link set wan1 netns ${routerNetns}`,
    `link add lan netns ${routerNetns} type veth peer name eth0 netns ${netns}`,
  );
  ip(
    ['-n', routerNetns],
    `address add ${publicAddress}/24 dev wan1`,
    'address add 192.168.178.1/24 dev lan',
    'link set wan1 up',
    'link set lan up',
    // The host is the neighbour that would have to refuse what is not for it.
    `route add default via ${INTERNET.hostAddress}`,
  );
  ip(['-n', netns], 'link set lo up', 'address add 192.168.178.20/24 dev eth0', 'link set eth0 up', 'route add default via 192.168.178.1');
  within(routerNetns, ['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
  within(
    routerNetns,
    ['nft', '-f', '-'],
    `table ip home {
  chain out { type nat hook postrouting priority srcnat; policy accept; oifname "wan1" masquerade; }
  chain forward { type filter hook forward priority filter; policy accept; iifname "wan1" ct state new drop; }
}
`,
  );
}

function ip(options: string[], ...lines: string[]): void {
  execFileSync('ip', [...options, '-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
}

function within(netns: string, argv: string[], input = ''): void {
  execFileSync('ip', ['netns', 'exec', netns, ...argv], { input });
}
