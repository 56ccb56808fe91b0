import { nft } from './nft.ts';

/**
 * Takes the firewall of a network namespace (the test's own when none is named) down: all that filters, but not address
 * translation, without which no answer would find back. Gives the way to put it up again.
 */
export function takeWallDown(netns?: string): () => void {
  const saved = nft(netns, ['list', 'ruleset']);
  const { nftables } = JSON.parse(nft(netns, ['-j', 'list', 'chains'])) as { nftables: { chain?: Chain }[] };
  const filters = nftables.flatMap(({ chain }) => (chain?.type === 'filter' ? `chain ${chain.family} ${chain.table} ${chain.name}` : []));
  nft(netns, ['-f', '-'], filters.map((chain) => `flush ${chain}\nadd ${chain} { policy accept; }\n`).join(''));
  return () => void nft(netns, ['-f', '-'], `flush ruleset\n${saved}`);
}

interface Chain {
  family: string;
  table: string;
  name: string;
  type?: string;
}
