import { mkdir, mkdtemp, open, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { collectImages, findImagesInUse, planCollection } from '../src/collect.ts';

const test = suite('images: unused images');

const idOf = (name: string) => name.repeat(64);
/** Published in this order, `a` first. */
const NAMES = ['a', 'b', 'c', 'd', 'e'];
let images = '';
test.beforeEach(async () => {
  images = await mkdtemp(join(tmpdir(), 'oriel-collect-'));
  for (const [index, name] of NAMES.entries()) {
    await mkdir(join(images, idOf(name)));
    await writeFile(join(images, idOf(name), 'rootfs.erofs'), name);
    await utimes(join(images, idOf(name)), index, index);
  }
});
test.afterEach(() => rm(images, { recursive: true }));

const published = NAMES.map((name, at) => ({ id: idOf(name), at }));
const nobody = async () => new Set<string>();
const left = async () => (await readdir(images)).filter((name) => name !== 'tmp').map((name) => name[0]);

test('the two newest stay beside the one that is linked to', () => {
  assert.equal(planCollection(published, new Set([idOf('b')])), [idOf('a'), idOf('c')]);
  assert.equal(planCollection(published.slice(0, 3), new Set([idOf('c')])), []);
});

test('what is left over goes, oldest first, folder and all', async () => {
  await symlink(idOf('e'), join(images, 'latest'));
  assert.equal(await collectImages(images, nobody), [idOf('a'), idOf('b')]);
  assert.equal(await left(), ['c', 'd', 'e', 'l']);
  assert.equal(await readdir(join(images, 'tmp')), []);
});

test('one in use stays, however old', async () => {
  await symlink(idOf('e'), join(images, 'latest'));
  assert.equal(await collectImages(images, async () => new Set([idOf('a')])), [idOf('b')]);
  assert.equal(await left(), ['a', 'c', 'd', 'e', 'l']);
});

test('any link keeps what it names, by whatever path', async () => {
  await symlink(idOf('e'), join(images, 'latest'));
  await symlink(join(images, idOf('a')), join(images, 'pinned'));
  assert.equal(await collectImages(images, nobody), [idOf('b')]);
});

test('nothing else in the folder is touched, and nobody is asked when nothing may go', async () => {
  for (const name of ['c', 'd', 'e']) await rm(join(images, idOf(name)), { recursive: true });
  await mkdir(join(images, 'notes'));
  assert.equal(await collectImages(images, () => Promise.reject(new Error('asked'))), []);
  assert.ok((await readdir(images)).includes('notes'));
});

test('an image that a process has open is in use', async () => {
  const file = await open(join(images, idOf('a'), 'rootfs.erofs'));
  try {
    assert.equal(await findImagesInUse([idOf('a'), idOf('b')]), new Set([idOf('a')]));
  } finally {
    await file.close();
  }
  assert.equal(await findImagesInUse([idOf('a')]), new Set());
});

test.run();
