import { readdirSync } from 'node:fs';
import { nft } from './nft.ts';

/** STUN's magic cookie behind the UDP header, as nft reads it. */
const COOKIE = '@th,96,32 0x2112a442';

const TABLE = (elsewhere: string) => `table inet stun {
  counter elsewhere {}
  counter said {}
  chain out {
    type filter hook output priority raw; policy accept;
    meta l4proto udp ${COOKIE} counter name "said"
    meta l4proto udp ${COOKIE} ${elsewhere} counter name "elsewhere"
  }
}
`;

/** Counts STUN that leaves a browser's namespace for anywhere but this address. */
export function countStun(netns: string, address: string): () => { said: number; elsewhere: number } {
  return count(netns, `ip daddr != ${address}`);
}

/** The same of the one guest there is: it answers its viewer, and asks him whether he is still there, and nobody else. */
export function countGuestStun(instance: string, address: string): () => { said: number; elsewhere: number } {
  const [netns, ...more] = readdirSync('/run/netns').filter((name) => name.startsWith(`${instance}-g`));
  if (netns === undefined || more.length > 0) throw new Error(`guests of ${instance}: ${[netns, ...more].join(', ')}`);
  return count(netns, `ip daddr != ${address}`);
}

function count(netns: string, elsewhere: string): () => { said: number; elsewhere: number } {
  nft(netns, ['-f', '-'], TABLE(elsewhere));
  const read = (name: string) => Number(/packets (\d+)/.exec(nft(netns, ['list', 'counter', 'inet', 'stun', name]))![1]);
  return () => ({ said: read('said'), elsewhere: read('elsewhere') });
}
