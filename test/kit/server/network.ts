import { execFileSync } from 'node:child_process';
import { INTERNET } from '../internet.ts';

/**
 * Where a server is: behind a tap of the test's own network namespace, on a network (TEST-NET-2) beside the test's internet.
 *
 *   server 198.51.100.2 ─tap srv0─ 198.51.100.1, the test's namespace, which has the internet's server (203.0.113.10)
 */
export const SERVER_NETWORK = {
  tap: 'srv0',
  mac: '52:54:00:6f:72:69',
  address: '198.51.100.2',
  gateway: '198.51.100.1',
  names: [[INTERNET.serverAddress, INTERNET.serverName]],
} as const;

/** Makes the tap; needs `makeInternet` before, and goes with the test's namespace. */
export function makeServerNetwork(): void {
  const { tap, gateway } = SERVER_NETWORK;
  const lines = [`tuntap add dev ${tap} mode tap`, `address add ${gateway}/24 dev ${tap}`, `link set ${tap} up`];
  execFileSync('ip', ['-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
}
