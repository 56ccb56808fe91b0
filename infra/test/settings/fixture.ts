import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Entry = Record<string, unknown>;
export type Sections = Record<string, Record<string, Entry>>;

/** A folder with settings of one host and everything that they name. Gives the path of the settings. */
export function writeSettings(change: (host: Entry) => void = () => undefined): { dir: string; path: string } {
  return writeSections((sections) => {
    for (const name of Object.keys(sections)) if (name !== 'hosts') delete sections[name];
    change(sections.hosts!.first!);
  });
}

/** The same with a stack of each kind. */
export function writeSections(change: (sections: Sections) => void = () => undefined): { dir: string; path: string } {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-settings-'));
  mkdirSync(join(dir, 'release'));
  for (const name of ['known_hosts', 'key', 'release/release.json', 'release/SHA256SUMS', 'cert.pem'])
    writeFileSync(join(dir, name), `of ${name}\n`);
  for (const name of ['hook', 'tls-key', 'metrics', 'turn-secret']) writeFileSync(join(dir, name), `a canary in ${name}`);
  const ssh = () => ({ address: 'desktops.example.org', knownHostsFile: 'known_hosts', identityFile: 'key' });
  const sections: Sections = {
    hosts: {
      first: {
        ssh: ssh(),
        release: 'release',
        variables: {
          ORIEL_PUBLIC_URL: 'https://desktops.example.org',
          ORIEL_TRUSTED_PROXIES: '10.0.0.1, 127.0.0.1',
          ORIEL_WARM: 1,
          ORIEL_PUBLIC_ADDRESSES: '203.0.113.1',
          ORIEL_TURN_URLS: 'turn:turn.example.org',
          ORIEL_TURN_SECRET_FILE: '/etc/oriel/secrets/turn',
        },
        secrets: { hook: { from: { file: 'hook' } }, turn: { from: { file: 'turn-secret' } } },
      },
    },
    edge: {
      front: {
        host: 'first',
        names: ['desktops.example.org'],
        tls: { certificate: 'cert.pem', key: { file: 'tls-key' } },
        metricsToken: { from: { file: 'metrics' } },
      },
    },
    monitoring: {
      here: { ssh: ssh(), hosts: ['first'], grafana: true },
      there: { ssh: { ...ssh(), address: 'watch.example.org' }, hosts: ['first'] },
    },
    turn: {
      relay: {
        ssh: { ...ssh(), address: 'turn.example.org' },
        hosts: ['first'],
        realm: 'turn.example.org',
        address: '203.0.113.9',
        tls: { certificate: 'cert.pem', key: { file: 'tls-key' } },
        secret: { from: { file: 'turn-secret' } },
      },
    },
  };
  sections.image = { golden: {} };
  sections.imageStore = {
    share: { release: 'release', store: { directory: 'store' } },
    machine: { release: 'release', store: { ssh: ssh(), folder: '/srv/releases' } },
    bucket: {
      release: 'release',
      store: { s3: { endpoint: 'https://s3.example.org', bucket: 'oriel', accessKeyId: { env: 'ID' }, secretAccessKey: { file: 'hook' } } },
    },
  };
  change(sections);
  const path = join(dir, 'settings.json');
  writeFileSync(path, JSON.stringify(sections));
  return { dir, path };
}
