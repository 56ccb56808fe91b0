import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with settings of one host and everything that they name. Gives the path of the settings. */
export function writeSettings(change: (host: Record<string, unknown>) => void = () => undefined): { dir: string; path: string } {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-settings-'));
  mkdirSync(join(dir, 'release'));
  for (const name of ['known_hosts', 'key', 'release/release.json', 'release/SHA256SUMS']) writeFileSync(join(dir, name), `of ${name}\n`);
  writeFileSync(join(dir, 'hook'), 'a canary in a file');
  const host: Record<string, unknown> = {
    ssh: { address: 'desktops.example.org', knownHostsFile: 'known_hosts', identityFile: 'key' },
    release: 'release',
    variables: { ORIEL_BIND: '0.0.0.0', ORIEL_PUBLIC_URL: 'https://desktops.example.org', ORIEL_WARM: 1 },
    secrets: { hook: { from: { file: 'hook' } } },
  };
  change(host);
  const path = join(dir, 'settings.json');
  writeFileSync(path, JSON.stringify({ hosts: { first: host } }));
  return { dir, path };
}
