import { execFileSync } from 'node:child_process';

/** Runs nft in a network namespace, the test's own when none is named. */
export function nft(netns: string | undefined, args: string[], input = ''): string {
  const [command, ...rest] = [...(netns === undefined ? [] : ['ip', 'netns', 'exec', netns]), 'nft', ...args];
  return execFileSync(command!, rest, { input, encoding: 'utf8' });
}
