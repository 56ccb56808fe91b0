import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { isPublished, publishFiles, switchLatest, toMovedFile, toTextFile } from '../src/publish.ts';

const test = suite('images: publish');

let dir = '';
let images = '';
test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-publish-'));
  images = join(dir, 'images');
  await mkdir(images);
});
test.afterEach(() => rm(dir, { recursive: true }));

async function publish(id: string, { rootfs = id, manifest = '{}' } = {}): Promise<void> {
  const path = join(dir, 'rootfs.erofs');
  await writeFile(path, rootfs);
  await publishFiles(images, id, [await toMovedFile('rootfs.erofs', path), toTextFile('manifest.json', manifest)]);
}

async function listImages(): Promise<string[]> {
  return (await readdir(images)).filter((name) => name !== 'tmp').sort();
}

test('an image is there whole, read-only, under its name', async () => {
  const before = process.umask(0o077);
  await publish('aa').finally(() => process.umask(before));
  assert.equal((await readdir(join(images, 'aa'))).sort(), ['manifest.json', 'rootfs.erofs']);
  assert.is((await stat(join(images, 'aa/rootfs.erofs'))).mode & 0o777, 0o444);
  assert.is((await stat(join(images, 'aa/manifest.json'))).mode & 0o777, 0o644);
  assert.ok(await isPublished(images, 'aa', ['rootfs.erofs', 'manifest.json']));
  assert.not.ok(await isPublished(images, 'aa', ['rootfs.erofs', 'other']));
});

test('publishing it again changes nothing', async () => {
  await publish('aa');
  const inodes = async () => Promise.all(['rootfs.erofs', 'manifest.json'].map(async (name) => (await stat(join(images, 'aa', name))).ino));
  const before = await inodes();
  await publish('aa');
  assert.equal(await inodes(), before);
  assert.equal(await listImages(), ['aa']);
});

test('a description that changed takes the place of the old one, and the image stays', async () => {
  await publish('aa');
  const before = (await stat(join(images, 'aa/rootfs.erofs'))).ino;
  await publishFiles(images, 'aa', [
    { name: 'rootfs.erofs', sha256: 'known' },
    toTextFile('manifest.json', '{"a":1}'),
    toTextFile('more', 'x'),
  ]);
  assert.is(await readFile(join(images, 'aa/manifest.json'), 'utf8'), '{"a":1}');
  assert.is(await readFile(join(images, 'aa/more'), 'utf8'), 'x');
  assert.is((await stat(join(images, 'aa/rootfs.erofs'))).ino, before);
});

test('a file whose bytes went bad is mended by the next build', async () => {
  await publish('aa');
  await rm(join(images, 'aa/rootfs.erofs'));
  await writeFile(join(images, 'aa/rootfs.erofs'), 'ab');
  await publish('aa');
  assert.is(await readFile(join(images, 'aa/rootfs.erofs'), 'utf8'), 'aa');
});

test('when one file cannot be had there is no image, and nothing is left aside', async () => {
  const files = [toTextFile('manifest.json', '{}'), { name: 'rootfs.erofs', sha256: 'x', path: join(dir, 'missing') }];
  const failed = await publishFiles(images, 'bb', files).then(
    () => false,
    () => true,
  );
  assert.ok(failed);
  assert.equal(await listImages(), []);
  assert.equal(await readdir(join(images, 'tmp')), []);
});

test('`latest` is switched at once and says whether it changed', async () => {
  await publish('aa');
  await publish('bb');
  assert.equal([await switchLatest(images, 'aa'), await switchLatest(images, 'bb'), await switchLatest(images, 'bb')], [true, true, false]);
  assert.is(await readlink(join(images, 'latest')), 'bb');
});

test.run();
