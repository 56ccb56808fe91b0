import { assert, suite } from '#test/suite';
import { parseMadison, parseUris, toResolved } from '../src/resolve.ts';

const test = suite('images: resolve packages');

const URIS = `'http://m.test/debian/pool/main/b/bash/bash_5.2-2%2bb10_amd64.deb' bash_5.2-2+b10_amd64.deb 100 MD5Sum:00
'http://s.test/debian-security/pool/updates/main/c/chromium/chromium_156_amd64.deb' chromium_156_amd64.deb 200${' '}
'http://m.test/debian/pool/main/z/zlib/zlib1g_1.3_amd64.deb' zlib1g_1%3a1.3_amd64.deb 300 MD5Sum:00
`;
const MADISON = `      bash | 5.2-2+b10 | http://m.test/debian trixie/main amd64 Packages
  chromium |  156 | http://s.test/debian-security trixie-security/main amd64 Packages
  chromium |  150 | http://m.test/debian trixie/main amd64 Packages
    zlib1g | 1:1.3 | http://m.test/debian trixie/main amd64 Packages
`;
const stanza = (Package: string, Version: string, more = {}) => ({
  Package,
  Version,
  Architecture: 'amd64',
  Filename: `pool/main/${Package}.deb`,
  Size: '100',
  SHA256: 'a'.repeat(64),
  ...more,
});
const STANZAS = [
  stanza('zlib1g', '1:1.3', { Source: 'zlib' }),
  stanza('bash', '5.2-2+b10', { Source: 'bash (5.2-2)' }),
  stanza('chromium', '156'),
];
const SUITES = ['trixie', 'trixie-updates', 'trixie-security'];

test('every line is read, those without a hash (security) and with an epoch too', () => {
  assert.equal(parseUris(URIS), [
    { name: 'bash', version: '5.2-2+b10' },
    { name: 'chromium', version: '156' },
    { name: 'zlib1g', version: '1:1.3' },
  ]);
});

test('hash, size and path come from the package lists, the suite from where the version is', () => {
  const resolved = toResolved(parseUris(URIS), STANZAS, parseMadison(MADISON), SUITES);
  assert.equal(
    resolved.map(({ name, version, suite, source }) => [name, version, suite, source]),
    [
      ['bash', '5.2-2+b10', 'trixie', 'bash'],
      ['chromium', '156', 'trixie-security', 'chromium'],
      ['zlib1g', '1:1.3', 'trixie', 'zlib'],
    ],
  );
  assert.equal(resolved[0], {
    name: 'bash',
    version: '5.2-2+b10',
    architecture: 'amd64',
    sha256: 'a'.repeat(64),
    size: 100,
    path: 'pool/main/bash.deb',
    suite: 'trixie',
    source: 'bash',
  });
});

test('a choice that no package list describes is refused, not dropped', () => {
  assert.throws(() => toResolved(parseUris(URIS), STANZAS.slice(1), parseMadison(MADISON), SUITES), /zlib1g 1:1\.3/);
});

test.run();
