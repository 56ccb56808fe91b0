import { execFileSync } from 'node:child_process';
import { rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The internet of a test: one interface with an address of TEST-NET-3 in the network namespace that the runner made, and a
 * default route as a user's machine has, which leads nowhere. No packet can leave the machine.
 */
export const INTERNET = { hostAddress: '203.0.113.1', serverAddress: '203.0.113.10', serverName: 'target.example' } as const;

/** Sets it up in this process's namespaces. Refuses to run outside of a private one. */
export function makeInternet(): void {
  if (Object.keys(networkInterfaces()).length > 0) throw new Error('not in a fresh network namespace: run this test by `just test-e2e`');
  const { hostAddress, serverAddress, serverName } = INTERNET;
  // Namespaces' names would be seen by, and clash with, those of other tests: /run is the whole machine's.
  mkdirSync('/run/netns', { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run/netns']);
  execFileSync('ip', ['-batch', '-'], {
    input: [
      'link set lo up',
      // A veth pair stands for the uplink: not every kernel has dummy interfaces.
      'link add wan0 type veth peer name wan1',
      'link set wan1 up',
      'link set wan0 up',
      `addr add ${hostAddress}/24 dev wan0`,
      'route add default via 203.0.113.254',
      // No interface carries the server's address: the egress proxy refuses all addresses that the host itself has.
      `route add local ${serverAddress}/32 dev lo`,
      '',
    ].join('\n'),
  });
  const hosts = join(tmpdir(), `oriel-hosts-${process.pid}`);
  writeFileSync(hosts, `127.0.0.1 localhost\n${serverAddress} ${serverName}\n`);
  execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
  // The mount keeps what it shows.
  rmSync(hosts);
}
