import type { KeyObject } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import type { Described } from '../../src/attest/describe.ts';
import { toKeyId } from '../../src/attest/dsse.ts';
import { toSha256 } from '../../src/publish.ts';
import { checkBills } from '../../src/verify/bills.ts';
import { parseStatus } from '../../src/verify/installed.ts';
import { verifyImage, type Check } from '../../src/verify/verify.ts';
import { keys, others, pick, publishImage } from './fixture.ts';

const test = suite('images: verify');
const FILES = ['rootfs.erofs', 'manifest.json', 'sbom.cdx.json', 'sbom.spdx.json'];
const PACKAGES = await pick('bash', 'curl');
const NOT_OPENED = 'rootfs.erofs: not opened, so nothing in it is compared';
/** The real check, with an image that has these packages. */
const content: readonly Check[] = [(dir, manifest) => checkBills(dir, manifest, async () => PACKAGES)];

let dir = '';
test.beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-verify-'))));
test.afterEach(() => rm(dir, { recursive: true }));

async function publish(
  text: string,
  key: KeyObject | undefined = keys.privateKey,
  change?: (described: Described) => Described,
): Promise<string> {
  await writeFile(join(dir, 'rootfs'), text);
  await mkdir(join(dir, 'images'), { recursive: true });
  return publishImage(join(dir, 'images'), join(dir, 'rootfs'), PACKAGES, key, change);
}

const verify = (image: string) => verifyImage(image, keys.publicKey, content);

async function flipByte(path: string): Promise<void> {
  await chmod(path, 0o644);
  await using file = await open(path, 'r+');
  const at = Math.floor((await file.stat()).size / 2);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  await file.write(Buffer.from([byte[0]! ^ 1]), 0, 1, at);
}

test('an image that is as it was published has nothing wrong', async () => {
  assert.equal(await verify(await publish('root')), []);
});

for (const name of FILES) {
  test(`one flipped byte of ${name} is told with both hashes`, async () => {
    const image = await publish('root');
    const wanted = await toSha256(join(image, name));
    await flipByte(join(image, name));
    const found = await toSha256(join(image, name));
    assert.is((await verify(image))[0], `${name}: sha256 is ${found}, the provenance says ${wanted}`);
  });

  test(`a missing ${name} is told`, async () => {
    const image = await publish('root');
    await rm(join(image, name));
    assert.is((await verify(image))[0], `${name}: is missing, the provenance names it`);
  });
}

test('a flipped byte of the provenance breaks its signature, and the image is not opened', async () => {
  const image = await publish('root');
  const path = join(image, 'provenance.dsse.json');
  const envelope = JSON.parse(await readFile(path, 'utf8')) as { payload: string };
  const payload = Buffer.from(envelope.payload, 'base64').toString().replace('lz4', 'lz5');
  await writeFile(path, JSON.stringify({ ...envelope, payload: Buffer.from(payload).toString('base64') }));
  const id = toKeyId(keys.publicKey);
  assert.equal(await verify(image), [`provenance.dsse.json: the signature of key ${id} does not fit the payload`, NOT_OPENED]);
});

test('a provenance that is missing, no envelope or of something else is told', async () => {
  const image = await publish('root');
  const path = join(image, 'provenance.dsse.json');
  await flipByte(path);
  assert.is((await verify(image)).length > 0, true);
  await writeFile(path, '{"payload":"');
  assert.equal(await verify(image), ['provenance.dsse.json: is no DSSE envelope']);
  await writeFile(path, JSON.stringify({ payloadType: 'text/plain', payload: '', signatures: [] }));
  assert.match((await verify(image))[1]!, /payload is no in-toto statement with SLSA provenance v1$/);
  await rm(path);
  assert.equal(await verify(image), ['provenance.dsse.json: is missing, so nothing says what the other files must be']);
});

test('another key, no key, no signature: each is told, and only --allow-unsigned lets it pass', async () => {
  const [id, other] = [toKeyId(keys.publicKey), toKeyId(others.publicKey)];
  const signed = await publish('root');
  const by = `provenance.dsse.json: signed by key ${id}`;
  assert.equal(await verifyImage(signed, others.publicKey, content), [`${by}, key ${other} is wanted`, NOT_OPENED]);
  assert.equal(await verifyImage(signed, undefined, content), [
    `${by}, no key was given to check it: verify with --key PUBLIC.pem`,
    NOT_OPENED,
  ]);
  assert.equal(await verifyImage(signed, 'unsigned', content), []);

  await writeFile(join(dir, 'rootfs'), 'other');
  const unsigned = await publishImage(join(dir, 'images'), join(dir, 'rootfs'), PACKAGES, undefined);
  const line = 'provenance.dsse.json: not signed: build with ORIEL_SIGNING_KEY, or verify with --allow-unsigned';
  assert.equal(await verifyImage(unsigned, undefined, content), [line, NOT_OPENED]);
  assert.equal(await verifyImage(unsigned, keys.publicKey, content), [line, NOT_OPENED]);
  assert.equal(await verifyImage(unsigned, 'unsigned', content), []);
});

test('a file too many, of whatever kind, is told', async () => {
  const image = await publish('root');
  await writeFile(join(image, 'notes.txt'), '');
  await mkdir(join(image, 'folder'));
  assert.equal(await verify(image), [
    'folder: is there, the provenance does not name it',
    'notes.txt: is there, the provenance does not name it',
  ]);
});

test('a link in the place of a file is told', async () => {
  const image = await publish('root');
  await rename(join(image, 'sbom.cdx.json'), join(dir, 'elsewhere'));
  await symlink(join(dir, 'elsewhere'), join(image, 'sbom.cdx.json'));
  assert.equal(await verify(image), ['sbom.cdx.json: is missing, the provenance names it']);
});

test('the SBOM of another image is told by its hash and by what it describes', async () => {
  const image = await publish('root');
  const other = await publish('other');
  const [sha256, wrong] = [await toSha256(join(image, 'sbom.spdx.json')), await toSha256(join(other, 'sbom.spdx.json'))];
  const [id, otherId] = [await toSha256(join(image, 'rootfs.erofs')), await toSha256(join(other, 'rootfs.erofs'))];
  await copyFile(join(other, 'sbom.spdx.json'), join(image, 'sbom.spdx.json'));
  assert.equal(await verify(image), [
    `sbom.spdx.json: sha256 is ${wrong}, the provenance says ${sha256}`,
    `sbom.spdx.json: describes image ${otherId}, manifest.json is of ${id}`,
  ]);
});

test('everything that is wrong is told at once', async () => {
  const image = await publish('root');
  await flipByte(join(image, 'rootfs.erofs'));
  await rm(join(image, 'sbom.cdx.json'));
  await writeFile(join(image, 'notes.txt'), '');
  const files = (await verifyImage(image, others.publicKey, content)).map((line) => line.split(':')[0]);
  assert.equal(files, ['provenance.dsse.json', 'rootfs.erofs', 'sbom.cdx.json', 'notes.txt', 'rootfs.erofs']);
});

test('a signed description that does not fit the image is told, package by package', async () => {
  const image = await publish('root', keys.privateKey, (described) => {
    const packages = described.locks.root.packages.filter(({ name }) => ['curl', 'git'].includes(name));
    return {
      ...described,
      manifest: { ...described.manifest, id: 'e'.repeat(64), rootfs: { ...described.manifest.rootfs, bytes: 9 }, packages },
    };
  });
  const [bash, git] = [(await pick('bash'))[0]!, (await pick('git'))[0]!];
  const id = await toSha256(join(image, 'rootfs.erofs'));
  const lines = (file: string) => [
    `${file}: lacks bash ${bash.version}, which the image has`,
    `${file}: has git ${git.version}, which the image has not`,
  ];
  assert.equal(await verify(image), [
    `manifest.json: id is ${'e'.repeat(64)}, the provenance says ${id}`,
    `manifest.json: says 9 bytes of rootfs.erofs, it has ${(await stat(join(image, 'rootfs.erofs'))).size}`,
    ...FILES.slice(1).flatMap(lines),
  ]);
});

test('an image that cannot be looked into is told', async () => {
  const fail: Check = (path, manifest) =>
    checkBills(path, manifest, async () => {
      throw new Error('mount: only root can do that');
    });
  assert.equal(await verifyImage(await publish('root'), keys.publicKey, [fail]), [
    'rootfs.erofs: its packages cannot be read: mount: only root can do that',
  ]);
});

test('of what dpkg knows, only what is installed is in the image', () => {
  const status = `Package: curl\nStatus: install ok installed\nVersion: 8\nDescription: gets\n things\n\nPackage: bash\nStatus: hold ok installed\nVersion: 5\n
Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n`;
  assert.equal(parseStatus(status), [
    { name: 'bash', version: '5' },
    { name: 'curl', version: '8' },
  ]);
});

test.run();
