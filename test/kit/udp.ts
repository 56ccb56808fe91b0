import { nft } from './nft.ts';

/** Drops all UDP in a network namespace (the test's own when none is named), as networks of companies and hotels do, until `allowUdp`. */
export function cutUdp(netns?: string): void {
  nft(
    netns,
    ['-f', '-'],
    `table inet cut {
  chain in { type filter hook prerouting priority raw; meta l4proto udp drop; }
  chain out { type filter hook output priority raw; meta l4proto udp drop; }
}
`,
  );
}

export function allowUdp(netns?: string): void {
  nft(netns, ['-f', '-'], 'table inet cut\ndelete table inet cut\n');
}
