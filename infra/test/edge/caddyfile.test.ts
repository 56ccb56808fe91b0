import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { assert, suite } from '#test/suite';
import { toCaddyfile } from '../../edge/caddyfile.ts';
import type { EdgeSettings } from '../../settings/edge.ts';

const test = suite('Caddyfile', { timeoutMs: 60_000 });
const EDGE: EdgeSettings = { host: 'first', names: ['a.example.org', 'b.example.org'], tls: { internal: true } };

const at = (more: Partial<EdgeSettings>, variables = {}) => toCaddyfile({ ...EDGE, ...more }, { variables }, '/config', '/data');

test('it answers to its names, for the controller where that listens', () => {
  assert.match(at({}), /^a\.example\.org, b\.example\.org \{$/m);
  assert.match(at({}), /^\treverse_proxy 127\.0\.0\.1:7080 \{$/m);
  assert.match(at({}, { ORIEL_BIND: '::1', ORIEL_PORT: 7081 }), /^\treverse_proxy \[::1\]:7081 \{$/m);
});

test('certificates are made by ACME, read from files, or of a root of its own', () => {
  assert.match(
    at({ tls: { acme: { email: 'a@example.org', directory: 'https://ca.example.org/dir' } } }),
    /\temail a@example\.org\n\tacme_ca https:\/\/ca\.example\.org\/dir\n/,
  );
  assert.match(
    at({ tls: { certificate: '/here/c.pem', key: { env: 'KEY' } } }),
    /^\ttls \/config\/tls\/certificate\.pem \/config\/tls\/key\.pem$/m,
  );
  assert.match(at({}), /^\ttls internal$/m);
});

test('what the controller tells whoever asks is kept inside, but for what is said to be open', () => {
  assert.match(at({}), /path \/metrics \/metrics\/\* \/operator \/operator\/\* \/ready \/ready\/\* \/api\/openapi\.json/);
  assert.not.match(at({ open: ['metrics', 'operator'] }), /\/metrics|\/operator/);
  assert.not.match(at({ open: ['metrics', 'operator', 'ready', 'openapi'] }), /@inside/);
  assert.not.match(at({}), /METRICS_TOKEN/);
  assert.match(at({ metricsToken: { from: { env: 'A' } } }), /header Authorization "Bearer \{\$ORIEL_METRICS_TOKEN\}"/);
});

const caddy = (file: string) => {
  const env = {
    ...process.env,
    HOME: file,
    XDG_DATA_HOME: `${file}.d`,
    XDG_CONFIG_HOME: `${file}.d`,
    ORIEL_METRICS_TOKEN: 'token-of-a-test',
  };
  return spawnSync('caddy', ['validate', '--adapter', 'caddyfile', '--config', file], { encoding: 'utf8', env });
};

if (spawnSync('caddy', ['version']).status === 0) {
  test('Caddy takes whatever is made of settings, and not what is none', () => {
    const dir = mkdtempSync(join(tmpdir(), 'oriel-caddy-'));
    const file = join(dir, 'Caddyfile');
    const tls = fc.oneof(
      fc.constant({ internal: true as const }),
      fc.constant({ acme: { email: 'a@example.org', directory: 'https://ca.example.org/dir' } }),
    );
    const open = fc.uniqueArray(fc.constantFrom('metrics' as const, 'operator' as const, 'ready' as const, 'openapi' as const));
    const metricsToken = fc.constantFrom(undefined, { from: { env: 'A' } });
    fc.assert(
      fc.property(tls, open, metricsToken, (tls, open, token) => {
        writeFileSync(
          file,
          toCaddyfile({ ...EDGE, tls, open, ...(token && { metricsToken: token }) }, { variables: {} }, dir, join(dir, 'data')),
        );
        const { status, stderr } = caddy(file);
        assert.is(status, 0, stderr);
      }),
      { numRuns: 6 },
    );
    writeFileSync(file, 'a.example.org {\n\tnothing\n}\n');
    assert.is.not(caddy(file).status, 0);
    rmSync(dir, { recursive: true });
  });
} else test.skip('Caddy takes whatever is made of settings', 'caddy is not installed');

test.run();
