import { assert, suite } from '#test/suite';
import { readVersion, toDescription, type Described } from '../../src/attest/describe.ts';
import { LockInvalid } from '../../src/errors.ts';
import { describeGolden } from './fixture.ts';
import { readCycloneDxSchema, readLicenceNames, readSpdxSchema } from './schemas.ts';

const test = suite('images: SBOM', { timeoutMs: 30_000 });
const ID = 'e'.repeat(64);
const golden = await describeGolden(ID);

interface CycloneDx {
  serialNumber: string;
  metadata: { timestamp: string; component: { hashes: object[] } };
  components: Record<string, unknown>[];
  dependencies: { ref: string; dependsOn: string[] }[];
}
interface Spdx {
  documentNamespace: string;
  creationInfo: { created: string };
  packages: Record<string, unknown>[];
  relationships: object[];
}

function describe(described: Described): { cyclonedx: CycloneDx; spdx: Spdx; texts: string[] } {
  const texts = toDescription(described).map(({ text }) => text!);
  return { cyclonedx: JSON.parse(texts[0]!) as CycloneDx, spdx: JSON.parse(texts[1]!) as Spdx, texts };
}

test('the golden image as CycloneDX 1.6 is valid against the published schema, which refuses what is not', async () => {
  const validate = await readCycloneDxSchema();
  const { cyclonedx } = describe(golden);
  assert.equal(validate(cyclonedx), []);
  assert.match(validate({ ...cyclonedx, serialNumber: 'urn:uuid:1' }).join(), '/serialNumber');
  assert.match(validate({ ...cyclonedx, metadata: { timestamp: 'today' } }).join(), '/metadata/timestamp');
  assert.match(validate({ ...cyclonedx, components: [{ type: 'library' }] }).join(), '/components/0');
});

test('the golden image as SPDX 2.3 is valid against the published schema, which refuses what is not', async () => {
  const validate = await readSpdxSchema();
  const { spdx } = describe(golden);
  assert.equal(validate(spdx), []);
  assert.match(validate({ ...spdx, documentNamespace: undefined }).join(), 'documentNamespace');
  assert.match(validate({ ...spdx, packages: [{ name: 'a' }] }).join(), '/packages/0');
  assert.match(validate({ ...spdx, relationships: [{ relationshipType: 'HAS' }] }).join(), '/relationships/0');
});

test('the same inputs give the same bytes, in whatever order they come', () => {
  const { npm, files } = golden.own;
  const own = { npm: [...npm].reverse(), files: Object.fromEntries(Object.entries(files).reverse()) };
  const packages = [...golden.manifest.packages].reverse();
  const again = describe({ ...golden, own, manifest: { ...golden.manifest, packages } });
  assert.equal(again.texts.slice(0, 2), describe(golden).texts.slice(0, 2));
});

test('another image has another serial number, and both documents name the image', async () => {
  const other = describe(await describeGolden('f'.repeat(64)));
  const { cyclonedx, spdx } = describe(golden);
  assert.is.not(other.cyclonedx.serialNumber, cyclonedx.serialNumber);
  assert.is.not(other.spdx.documentNamespace, spdx.documentNamespace);
  assert.equal(cyclonedx.metadata.component.hashes, [{ alg: 'SHA-256', content: ID }]);
  assert.equal(spdx.packages[0]!.checksums, [{ algorithm: 'SHA256', checksumValue: ID }]);
});

test('a Debian package is named by its package URL, its hash in the lock and its source', () => {
  const { cyclonedx, spdx } = describe(golden);
  const locked = golden.locks.root.packages.find(({ name }) => name === 'libstdc++6')!;
  const purl = `pkg:deb/debian/libstdc%2B%2B6@${locked.version}?arch=amd64&distro=debian-13`;
  assert.equal(
    cyclonedx.components.find(({ name }) => name === 'libstdc++6'),
    {
      type: 'library',
      'bom-ref': purl,
      supplier: { name: 'Debian' },
      name: 'libstdc++6',
      version: locked.version,
      hashes: [{ alg: 'SHA-256', content: locked.sha256 }],
      purl,
      properties: [{ name: 'oriel:debian:source', value: 'gcc-14' }],
    },
  );
  assert.equal(
    spdx.packages.find(({ name }) => name === 'libstdc++6'),
    {
      SPDXID: `SPDXRef-deb-libstdc-x2b--x2b-6-${locked.version}`,
      name: 'libstdc++6',
      versionInfo: locked.version,
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      supplier: 'Organization: Debian',
      sourceInfo: 'built from source package gcc-14',
      checksums: [{ algorithm: 'SHA256', checksumValue: locked.sha256 }],
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
    },
  );
});

test('npm packages come with their integrity and with what their archive has inside, files of our own with their hash', () => {
  const { components } = describe(golden).cyclonedx;
  const ws = components.find(({ purl }) => String(purl).startsWith('pkg:npm/ws@'))!;
  assert.is((ws.hashes as { alg: string; content: string }[])[0]!.content.length, 128);
  assert.ok(components.some(({ purl }) => String(purl).startsWith('pkg:npm/%40npmcli/arborist@')));
  assert.equal(components.find(({ type }) => type === 'file')?.hashes, [{ alg: 'SHA-256', content: 'd'.repeat(64) }]);
});

test('everything is in both documents once, and hangs on the image', () => {
  const { cyclonedx, spdx } = describe(golden);
  const refs = cyclonedx.components.map((component) => component['bom-ref'] as string);
  assert.is(new Set(refs).size, refs.length);
  assert.equal(cyclonedx.dependencies[0]!.dependsOn, refs);
  const ids = spdx.packages.map(({ SPDXID }) => SPDXID as string);
  assert.is(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => /^SPDXRef-[A-Za-z0-9.-]+$/.test(id)));
  assert.is(spdx.relationships.length, ids.length);
  assert.is(ids.length, refs.length + 1);
});

test("the documents' date is the lock's epoch", () => {
  const { cyclonedx, spdx } = describe(golden);
  const date = new Date(golden.locks.root.epoch * 1000).toISOString();
  assert.is(cyclonedx.metadata.timestamp, date);
  assert.is(spdx.creationInfo.created, date.replace('.000', ''));
});

test('licences are names that SPDX knows', async () => {
  const names = await readLicenceNames();
  const said = describe(golden).spdx.packages.map(({ licenseDeclared }) => licenseDeclared as string);
  const unknown = said.flatMap((expression) => expression.split(/[() ]+|AND|OR/)).filter((name) => name && !names.has(name));
  assert.equal([...new Set(unknown)], ['NOASSERTION']);
  assert.ok(said.filter((expression) => expression !== 'NOASSERTION').length > 100);
});

test('a package that is in the image and not in the lock stops the build', () => {
  const manifest = { ...golden.manifest, packages: [{ name: 'bash', version: '0' }] };
  assert.throws(
    () => describe({ ...golden, manifest }),
    (error: Error) => error instanceof LockInvalid && /the image has bash 0/.test(error.message),
  );
});

test('the version is that of package.json', async () => {
  assert.match(await readVersion(`${import.meta.dirname}/../../..`), /^\d+\.\d+\.\d+$/);
});

test.run();
