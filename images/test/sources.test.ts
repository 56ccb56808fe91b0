import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { NoDebianMirror } from '../src/errors.ts';
import { findMirrors, parseDeb822, parseOneLine, parseStanzas, toMirrors } from '../src/sources.ts';

const test = suite('images: apt sources and mirrors');

const DEB822 = `Types: deb deb-src
# a comment between the fields
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb
URIs: http://mirror.test/debian-security/
Suites: bookworm-security

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: trixie
`;

test('a deb822 file gives each source that is on, and none that is off', () => {
  assert.equal(parseDeb822(DEB822), [
    { uri: 'http://mirror.test/debian', suites: ['bookworm', 'bookworm-updates'] },
    { uri: 'http://mirror.test/debian-security/', suites: ['bookworm-security'] },
  ]);
});

test('a one-line file gives each source, with options or without, and no comment', () => {
  const text =
    '# deb http://no.test/debian a main\ndeb [arch=amd64 signed-by=/k] http://a.test/debian trixie main\n  deb http://b.test/debian sid main contrib # why\ndeb-src http://c.test/debian sid main\n';
  assert.equal(parseOneLine(text), [
    { uri: 'http://a.test/debian', suites: ['trixie'] },
    { uri: 'http://b.test/debian', suites: ['sid'] },
  ]);
});

test('a stanza keeps continued lines', () => {
  assert.equal(parseStanzas('A: 1\nB: x\n y\n\n\nA: 2\n'), [{ A: '1', B: 'x\n y' }, { A: '2' }]);
});

test("the mirrors are the host's, whatever its own suite is, without a slash at the end", () => {
  assert.equal(toMirrors({}, parseDeb822(DEB822)), { main: 'http://mirror.test/debian', security: 'http://mirror.test/debian-security' });
});

test('the environment wins over the sources', () => {
  const env = { ORIEL_DEBIAN_MIRROR: 'http://env.test/debian/', ORIEL_DEBIAN_SNAPSHOT: 'http://snap.test/' };
  assert.equal(toMirrors(env, parseDeb822(DEB822)), {
    main: 'http://env.test/debian',
    security: 'http://mirror.test/debian-security',
    snapshot: 'http://snap.test',
  });
});

test('sources of other distributions are not taken for Debian', () => {
  const ubuntu = parseOneLine('deb http://archive.test/ubuntu noble main\ndeb http://archive.test/ubuntu noble-security main');
  assert.throws(
    () => toMirrors({}, ubuntu),
    (error: Error) => error instanceof NoDebianMirror && error.message.includes('ORIEL_DEBIAN_MIRROR'),
  );
});

test('a missing security mirror is named by its own variable', () => {
  assert.throws(() => toMirrors({ ORIEL_DEBIAN_MIRROR: 'http://a.test/debian' }, []), /Set ORIEL_DEBIAN_SECURITY_MIRROR/);
});

test('both kinds of files are read from the apt folder', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-sources-'));
  try {
    await mkdir(join(dir, 'sources.list.d'));
    await writeFile(join(dir, 'sources.list'), 'deb http://a.test/debian trixie main\n');
    await writeFile(
      join(dir, 'sources.list.d/security.sources'),
      'Types: deb\nURIs: http://b.test/debian-security\nSuites: trixie-security\n',
    );
    await writeFile(join(dir, 'sources.list.d/off.sources.disabled'), 'Types: deb\nURIs: http://c.test/debian\nSuites: trixie\n');
    assert.equal(await findMirrors({}, dir), { main: 'http://a.test/debian', security: 'http://b.test/debian-security' });
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.run();
