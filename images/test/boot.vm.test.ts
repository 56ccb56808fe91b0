import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flipBit } from '#test/flip-bit';
import { bootUntil } from '#test/qemu';
import { assert, suite } from '#test/suite';
import type { Manifest } from '../src/manifest.ts';
import { toPaths } from '../src/paths.ts';

/*
 * The guest kernel boots the image in a virtual machine, and not one whose bytes are others. The byte that is flipped in the data is
 * one that EROFS does not read (before its superblock): that the machine boots without verity shows that only verity refuses it.
 */
const test = suite('images: boot', { timeoutMs: 90_000 });

const { images, kernels } = toPaths(process.env);
const INIT = /^init: [\d.]+ s up: overlay over the image$/;
const PLAIN = 'root=/dev/vda rootfstype=erofs ro';
const REST = 'init=/usr/sbin/oriel-init';

const bzImage = join(kernels, 'latest/bzImage');
let dir = '';
let copy = '';
let manifest: Manifest;

test.before(async () => {
  if (!existsSync(bzImage)) throw new Error(`no kernel in ${kernels}: just build-kernel`);
  manifest = JSON.parse(await readFile(join(images, 'latest/manifest.json'), 'utf8')) as Manifest;
  dir = await mkdtemp(join(tmpdir(), 'oriel-boot-'));
  copy = join(dir, 'rootfs.erofs');
  await copyFile(join(images, 'latest/rootfs.erofs'), copy);
});
test.after(() => rm(dir, { recursive: true, force: true }));

const boot = (words: string) => bootUntil({ bzImage, disk: copy, append: `${words} ${REST}` }, INIT);

test('the image boots to init, each block of it checked', async () => {
  const lines = await boot(manifest.verity.kernelArgs);
  assert.ok(
    lines.some((line) => INIT.test(line)),
    lines.slice(-15).join('\n'),
  );
  assert.ok(lines.some((line) => /device-mapper: init: .*root|dm-0/.test(line)));
});

test('a byte of the root that is another: the machine says so and ends', async () => {
  await flipBit(copy, 100);
  const refused = await boot(manifest.verity.kernelArgs);
  assert.not(refused.some((line) => INIT.test(line)));
  assert.ok(
    refused.some((line) => /device-mapper: verity: .*data block 0 is corrupted/.test(line)),
    refused.slice(-15).join('\n'),
  );
  assert.ok(
    refused.some((line) => /Kernel panic.*dm-verity device corrupted/.test(line)),
    refused.slice(-15).join('\n'),
  );
  assert.ok(
    (await boot(PLAIN)).some((line) => INIT.test(line)),
    'without verity nobody sees it',
  );
  await flipBit(copy, 100);
});

test('a byte of the hash tree that is another: the machine says so and ends', async () => {
  const offset = manifest.verity.hashStartBlock * manifest.verity.blockBytes;
  await flipBit(copy, offset);
  const refused = await boot(manifest.verity.kernelArgs);
  assert.not(refused.some((line) => INIT.test(line)));
  assert.ok(
    refused.some((line) => /device-mapper: verity: .*metadata block \d+ is corrupted/.test(line)),
    refused.slice(-15).join('\n'),
  );
  await flipBit(copy, offset);
  assert.ok(
    (await boot(manifest.verity.kernelArgs)).some((line) => INIT.test(line)),
    'and boots again as it was',
  );
});

test.run();
