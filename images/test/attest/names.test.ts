import { assert, suite } from '#test/suite';
import { parseIntegrity } from '../../src/attest/integrity.ts';
import { parseLicences, SPDX_NAMES } from '../../src/attest/licences.ts';
import { toDebUrl, toNpmUrl } from '../../src/attest/purl.ts';
import { toUuid } from '../../src/attest/uuid.ts';
import { readLicenceNames } from './schemas.ts';

const test = suite('images: names in an SBOM');

test('package URLs encode what the specification wants encoded', () => {
  const deb = { name: 'g++-14', version: '1:2.3~rc1+dfsg-1', architecture: 'amd64', suite: 'trixie-security' };
  assert.is(toDebUrl(deb), 'pkg:deb/debian/g%2B%2B-14@1:2.3~rc1%2Bdfsg-1?arch=amd64&distro=debian-13');
  assert.is(toDebUrl({ ...deb, name: 'x', version: '1', architecture: 'all', suite: 'sid' }), 'pkg:deb/debian/x@1?arch=all&distro=sid');
  assert.is(toNpmUrl('@npmcli/arborist', '9.1.0'), 'pkg:npm/%40npmcli/arborist@9.1.0');
});

test('a UUID follows from the text alone', () => {
  assert.match(toUuid('a'), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.is(toUuid('a'), 'e631f1e4-d08e-5bbe-9ebe-aff37244892e');
  assert.is.not(toUuid('a'), toUuid('b'));
});

test("npm's integrity is a digest in hex", () => {
  assert.equal(parseIntegrity('sha512-/w=='), { algorithm: 'sha512', hex: 'ff' });
  assert.throws(() => parseIntegrity('sha1-aaaa'), /sha1-aaaa is not sha512/);
});

test('a machine-readable copyright file tells the licence, any other tells none', () => {
  const text = `
/usr/share/doc/bash/copyright:Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
/usr/share/doc/bash/copyright:License: GPL-3+ and Zlib
/usr/share/doc/bash/copyright:License: Expat
/usr/share/doc/bash/copyright:License: GPL-3+
/usr/share/doc/both/copyright:Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
/usr/share/doc/both/copyright:License: LGPL-2.1+ or MPL-1.1
/usr/share/doc/both/copyright:License: BSD-3-clause
/usr/share/doc/mixed/copyright:Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
/usr/share/doc/mixed/copyright:License: Expat
/usr/share/doc/mixed/copyright:License: GPL-2+ or Expat and Zlib
/usr/share/doc/odd/copyright:Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
/usr/share/doc/odd/copyright:License: Expat
/usr/share/doc/odd/copyright:License: as-is-if-you-ask
/usr/share/doc/prose/copyright:License: Expat
`;
  assert.equal(parseLicences(text), { bash: 'GPL-3.0-or-later AND MIT AND Zlib', both: '(LGPL-2.1-or-later OR MPL-1.1) AND BSD-3-Clause' });
});

test('every licence name is one of SPDX', async () => {
  const names = await readLicenceNames();
  assert.equal(
    Object.values(SPDX_NAMES).filter((name) => !names.has(name)),
    [],
  );
  assert.is(SPDX_NAMES['gpl-2+'], 'GPL-2.0-or-later');
  assert.is(SPDX_NAMES['lgpl-2.1'], 'LGPL-2.1-only');
});

test.run();
