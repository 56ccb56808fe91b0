import { assert, suite } from '#test/suite';
import { toDebComponents, toNpmComponents } from '../../src/attest/bill.ts';
import { toNpmMaterials } from '../../src/attest/provenance.ts';
import type { NpmLock } from '../../src/npm-lock.ts';
import { toOwnFiles } from '../../src/overlay.ts';
import { describeGolden } from './fixture.ts';

const test = suite('images: parts of an SBOM');

const LOCK: NpmLock = {
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-/w==', license: 'MIT' },
  'node_modules/a/node_modules/@b/c': { version: '2.0.0' },
  'node_modules/ab': { version: '3.0.0', integrity: 'sha512-/w==' },
};

test('what came inside of a package is listed with it, once, and what is only named alike is not', () => {
  assert.equal(toNpmComponents(['node_modules/a', 'node_modules/a/node_modules/@b/c'], LOCK), [
    { kind: 'npm', name: 'a', version: '1.0.0', purl: 'pkg:npm/a@1.0.0', digest: { algorithm: 'sha512', hex: 'ff' }, licence: 'MIT' },
    { kind: 'npm', name: '@b/c', version: '2.0.0', purl: 'pkg:npm/%40b/c@2.0.0' },
  ]);
});

test('a material is what has an integrity of its own; one that the lock does not know stops the build', () => {
  assert.equal(toNpmMaterials(['node_modules/a', 'node_modules/a/node_modules/@b/c'], LOCK), [
    { uri: 'pkg:npm/a@1.0.0', digest: { sha512: 'ff' } },
  ]);
  assert.throws(() => toNpmMaterials(['node_modules/z'], LOCK), /package-lock\.json has no node_modules\/z/);
  assert.throws(() => toNpmComponents(['node_modules/z'], LOCK), /package-lock\.json has no node_modules\/z/);
});

test('only what dpkg says is installed is listed, with the licence that is known', async () => {
  const { root } = (await describeGolden('')).locks;
  const { name, version, sha256 } = root.packages.find((locked) => locked.name === 'bash')!;
  const [component, ...more] = toDebComponents([{ name, version }], root, { bash: 'GPL-3.0-or-later', curl: 'curl' });
  assert.equal(more, []);
  assert.equal(component!.digest, { algorithm: 'sha256', hex: sha256 });
  assert.is(component!.licence, 'GPL-3.0-or-later');
});

test("our own files are those of the layers and the guest's, as they end up in the image", () => {
  const files: Record<string, string>[] = [
    { '/etc/a': 'old -', '/etc/b': 'one x', '/etc/link': '→ b' },
    { '/etc/a': 'new -', '/etc/boot': 'two -' },
  ];
  const plan = { files, guest: { '/agent.mjs': 'three -' }, links: { '/etc/boot': '/run/boot' } };
  assert.equal(toOwnFiles(plan, { '/oriel-capture': 'four x' }), {
    '/etc/a': 'new',
    '/etc/b': 'one',
    '/usr/lib/oriel/agent.mjs': 'three',
    '/usr/lib/oriel/oriel-capture': 'four',
  });
});

test.run();
