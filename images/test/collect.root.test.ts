import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { findImagesInUse } from '../src/collect.ts';

const test = suite('images: mounted images');

const [MOUNTED, OTHER] = ['a'.repeat(64), 'b'.repeat(64)];
const run = (...argv: string[]) => execFileSync(argv[0]!, argv.slice(1), { stdio: 'pipe' });

test('an image that is mounted is in use until it is not', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-in-use-'));
  const [tree, mounted] = [join(dir, 'tree'), join(dir, 'mounted')];
  for (const each of [tree, mounted, join(dir, MOUNTED)]) await mkdir(each);
  await writeFile(join(tree, 'file'), 'x');
  try {
    run('mkfs.erofs', join(dir, MOUNTED, 'rootfs.erofs'), tree);
    run('mount', '-t', 'erofs', '-o', 'loop,ro', join(dir, MOUNTED, 'rootfs.erofs'), mounted);
    assert.equal(await findImagesInUse([MOUNTED, OTHER]), new Set([MOUNTED]));
    run('umount', mounted);
    assert.equal(await findImagesInUse([MOUNTED, OTHER]), new Set());
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.run();
