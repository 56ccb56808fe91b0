import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { findImage, hashFile, ImageNotFound } from '../../src/machines/image.ts';

const test = suite('machines: image');
const id = '7d0a922e54c25242651d27c7e4b05497d8f7e2074960dc7fa3d9cdc88041de89';
let dir: string;

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-image-'));
  await mkdir(join(dir, id));
  await symlink(id, join(dir, 'latest'));
  await writeFile(join(dir, id, 'rootfs.erofs'), 'seven b');
  await writeManifest({ schema: 1, id, rootfs: { file: 'rootfs.erofs', bytes: 7, compression: 'lz4' }, packages: [] });
});

test.afterEach(() => rm(dir, { recursive: true }));

test('an image is found by its name and by its content', async () => {
  assert.equal(await findImage(dir), { id, rootfs: join(dir, id, 'rootfs.erofs') });
  assert.equal(await findImage(dir, id), { id, rootfs: join(dir, id, 'rootfs.erofs') });
});

test('an image with a hash tree brings the words that make it the root', async () => {
  await writeManifest({
    schema: 1,
    id,
    rootfs: { file: 'rootfs.erofs', bytes: 7 },
    verity: { kernelArgs: 'root=/dev/dm-0 ro', blocks: 1 },
  });
  assert.equal(await findImage(dir), { id, rootfs: join(dir, id, 'rootfs.erofs'), rootArgs: 'root=/dev/dm-0 ro' });
});

test('a missing image says what to do', async () => {
  assert.is(await messageOf(findImage(dir, 'nightly')), `no image nightly in ${dir}: build one: just build-image`);
});

test('a file cut short is named with both sizes', async () => {
  await writeFile(join(dir, id, 'rootfs.erofs'), 'cut');
  assert.match(await messageOf(findImage(dir)), /rootfs\.erofs has 3 bytes, 7 are needed/);
});

test('a missing file is named', async () => {
  await rm(join(dir, id, 'rootfs.erofs'));
  assert.match(await messageOf(findImage(dir)), /rootfs\.erofs is missing/);
});

test('a manifest that cannot be used is named with its wrong fields', async () => {
  await writeManifest({ schema: 2, id: 'x', rootfs: { file: '../../etc/passwd', bytes: 7 } });
  const message = await messageOf(findImage(dir));
  for (const field of ['/schema', '/id', '/rootfs/file']) assert.match(message, field);
  await writeFile(join(dir, id, 'manifest.json'), '{"half":');
  assert.match(await messageOf(findImage(dir)), 'must be object');
});

test('a file is hashed by sha256', async () => {
  assert.is(await hashFile(join(dir, id, 'rootfs.erofs')), 'b72872bd2a6746063ebc454337bd6222a29cc9acc42b6e31f71f9f855b928c57');
});

function writeManifest(manifest: unknown): Promise<void> {
  return writeFile(join(dir, id, 'manifest.json'), JSON.stringify(manifest));
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  assert.instance(error, ImageNotFound);
  return (error as Error).message;
}

test.run();
