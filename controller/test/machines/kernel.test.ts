import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { findKernel, KernelNotFound } from '../../src/machines/kernel.ts';

const test = suite('machines: kernel');
const id = '354296f5e418c9c13e2aa0e86f8669acf2583cd4668c3b5397afd3e3ddcddbab';
const FILES = { vmlinux: { file: 'vmlinux', bytes: 7, sha256: id }, bzImage: { file: 'bzImage', bytes: 5, sha256: id } };
let dir: string;

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-kernel-'));
  await mkdir(join(dir, id));
  await symlink(id, join(dir, 'latest'));
  await writeFile(join(dir, id, 'vmlinux'), 'seven b');
  await writeFile(join(dir, id, 'bzImage'), 'small');
  await writeManifest({ schema: 1, id, release: '6.12.117-oriel', ...FILES });
});
test.afterEach(() => rm(dir, { recursive: true }));

test('a kernel is found by its name and by its content, in both forms', async () => {
  const kernel = { id, vmlinux: join(dir, id, 'vmlinux'), bzImage: join(dir, id, 'bzImage') };
  assert.equal(await findKernel(dir), kernel);
  assert.equal(await findKernel(dir, id), kernel);
});

test('a missing kernel, or no directory of them, says what to do', async () => {
  assert.is(await messageOf(findKernel(dir, 'nightly')), `no kernel nightly in ${dir}: build one: just build-kernel`);
  assert.is(await messageOf(findKernel(join(dir, 'none'))), `no kernel latest in ${join(dir, 'none')}: build one: just build-kernel`);
});

for (const file of ['vmlinux', 'bzImage']) {
  test(`${file} cut short is named with both sizes`, async () => {
    await writeFile(join(dir, id, file), 'cut');
    const { bytes } = FILES[file as keyof typeof FILES];
    const folder = join(dir, id);
    assert.is(
      await messageOf(findKernel(dir)),
      `kernel ${id}: ${join(folder, file)} has 3 bytes, ${bytes} are needed: remove ${folder} and build one: just build-kernel`,
    );
  });

  test(`${file} that is missing is named`, async () => {
    await rm(join(dir, id, file));
    assert.is(await messageOf(findKernel(dir)), `kernel ${id}: ${join(dir, id, file)} is missing: build one: just build-kernel`);
  });
}

test('a manifest that cannot be used is named with its wrong fields', async () => {
  await writeManifest({ schema: 2, id: 'x', vmlinux: { file: '../../etc/passwd', bytes: 7 } });
  const message = await messageOf(findKernel(dir));
  for (const field of ['/schema', '/id', '/vmlinux/file', 'bzImage']) assert.match(message, field);
  await writeFile(join(dir, id, 'manifest.json'), '{"half":');
  assert.match(await messageOf(findKernel(dir)), 'must be object');
  await rm(join(dir, id, 'manifest.json'));
  assert.is(await messageOf(findKernel(dir)), `kernel without ${join(dir, id, 'manifest.json')}: build one: just build-kernel`);
});

function writeManifest(manifest: unknown): Promise<void> {
  return writeFile(join(dir, id, 'manifest.json'), JSON.stringify(manifest));
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  assert.instance(error, KernelNotFound);
  return (error as Error).message;
}

test.run();
