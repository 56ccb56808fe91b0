import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import { KERNEL_OPTIONS } from '../golden/kernel/options.ts';
import { needs } from '../golden/needs.ts';
import { readTree } from '../src/tree.ts';

const test = suite('images: golden layers');
const ROOTFS = join(import.meta.dirname, '../golden/rootfs');
const packages = golden.layers.flatMap((layer) => layer.packages);
const removals = golden.layers.flatMap((layer) => layer.remove ?? []);

test('everything that is in, purged or deleted has a reason', () => {
  const reasons = [
    ...packages,
    ...removals,
    ...golden.builder,
    ...golden.kernel.packages,
    ...KERNEL_OPTIONS,
    ...golden.layers.flatMap((layer) => [...(layer.delete ?? []), ...(layer.select ?? [])]),
  ];
  for (const reason of reasons) assert.ok(reason.why.length > 2, JSON.stringify(reason));
});

test('no package is in two layers, and none is purged that was asked for', () => {
  const names = packages.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
  assert.equal(
    removals.filter(({ name }) => names.includes(name)),
    [],
  );
});

test('every folder of files belongs to a layer', async () => {
  const names = golden.layers.map(({ name }) => name);
  for (const folder of await readdir(ROOTFS)) assert.ok(names.includes(folder), `rootfs/${folder} would not be in the image`);
});

test('no file is in two layers, or where a link to a boot file goes', async () => {
  const trees = await Promise.all((await readdir(ROOTFS)).map((folder) => readTree(join(ROOTFS, folder))));
  const paths = [...trees.flatMap((tree) => Object.keys(tree)), ...Object.keys(golden.links)];
  assert.equal(
    paths.filter((path, index) => paths.indexOf(path) !== index),
    [],
  );
});

test('every user has an id of its own', () => {
  const ids = golden.users.map(({ uid }) => uid);
  assert.is(new Set(ids).size, ids.length);
});

test('no remote login and no way to another user is in the image', () => {
  const names = packages.map(({ name }) => name);
  for (const name of ['openssh-server', 'sudo', 'chromium-sandbox']) assert.not(names.includes(name), name);
  assert.ok(needs.absent.includes('/usr/sbin/sshd'));
});

test.run();
