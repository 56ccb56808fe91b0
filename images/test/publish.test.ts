import { mkdir, mkdtemp, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import type { Manifest } from '../src/manifest.ts';
import { publishImage, switchLatest } from '../src/publish.ts';

const test = suite('images: publish');

let dir = '';
test.beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-publish-'))));
test.afterEach(() => rm(dir, { recursive: true }));

async function publish(id: string): Promise<void> {
  await mkdir(join(dir, 'images'), { recursive: true });
  await writeFile(join(dir, 'rootfs.erofs'), id);
  await publishImage(join(dir, 'images'), join(dir, 'rootfs.erofs'), { id } as Manifest);
}

test('an image is there whole, read-only, under its name', async () => {
  await publish('aa');
  assert.equal((await readdir(join(dir, 'images/aa'))).sort(), ['manifest.json', 'rootfs.erofs']);
  assert.is((await stat(join(dir, 'images/aa/rootfs.erofs'))).mode & 0o777, 0o444);
});

test('publishing it again changes nothing', async () => {
  await publish('aa');
  const before = (await stat(join(dir, 'images/aa/rootfs.erofs'))).ino;
  await publish('aa');
  assert.is((await stat(join(dir, 'images/aa/rootfs.erofs'))).ino, before);
  assert.equal(
    (await readdir(join(dir, 'images'))).filter((name) => name !== 'tmp'),
    ['aa'],
  );
});

test('`latest` is switched at once and says whether it changed', async () => {
  await publish('aa');
  await publish('bb');
  const images = join(dir, 'images');
  assert.equal([await switchLatest(images, 'aa'), await switchLatest(images, 'bb'), await switchLatest(images, 'bb')], [true, true, false]);
  assert.is(await readlink(join(images, 'latest')), 'bb');
});

test.run();
