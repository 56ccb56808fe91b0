import { execFileSync } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flipBit } from '../flip-bit.ts';
import { findImage, hashFile } from '../../../controller/src/machines/image.ts';

/** Not in the broken image: a third of its bytes, and no desktop needs it to be ready. */
const LEFT_OUT = 'usr/lib/chromium';
const ROOTFS = 'rootfs.erofs';

/**
 * The golden image with another init (init.sh), which breaks what the kernel line names, as `latest` of a directory of its own. Not
 * compressed: that takes longer than reading what is not. Mounts in the namespace of the test. Gives its id.
 */
export async function makeBrokenImage(imagesDir: string, goldenDir: string): Promise<string> {
  const { rootfs } = await findImage(goldenDir);
  const work = join(imagesDir, 'work');
  const [lower, upper, scratch, merged] = ['lower', 'upper', 'scratch', 'merged'].map((name) => join(work, name)) as [
    string,
    string,
    string,
    string,
  ];
  for (const dir of [lower, join(upper, 'usr/sbin'), scratch, merged]) await mkdir(dir, { recursive: true });
  mount('erofs', 'ro', rootfs, lower);
  await copyFile(join(lower, 'usr/sbin/oriel-init'), join(upper, 'usr/sbin/oriel-init.golden'));
  await copyFile(join(import.meta.dirname, 'init.sh'), join(upper, 'usr/sbin/oriel-init'));
  for (const path of ['', 'usr', 'usr/sbin', 'usr/sbin/oriel-init', 'usr/sbin/oriel-init.golden']) await chmod(join(upper, path), 0o755);
  mount('overlay', `lowerdir=${lower},upperdir=${upper},workdir=${scratch}`, 'overlay', merged);
  execFileSync('mkfs.erofs', ['--quiet', `--exclude-path=${LEFT_OUT}`, join(work, ROOTFS), merged]);
  execFileSync('umount', [merged, lower]);
  const id = await publish(imagesDir, join(work, ROOTFS));
  await rm(work, { recursive: true });
  await useImage(imagesDir, id);
  return id;
}

/** Makes `latest` name an image, as the builder does. */
export async function useImage(imagesDir: string, name: string): Promise<void> {
  const aside = join(imagesDir, 'latest.new');
  await symlink(name, aside);
  await rename(aside, join(imagesDir, 'latest'));
}

/** A copy of an image that lacks its end, or whose bytes are not what its name says in one bit, as `latest`. Gives its directory. */
export async function damageImage(imagesDir: string, id: string, how: 'cut' | 'flip'): Promise<string> {
  const copy = join(imagesDir, how);
  await cp(join(imagesDir, id), copy, { recursive: true });
  await useImage(imagesDir, how);
  const rootfs = join(copy, ROOTFS);
  const { size } = await stat(rootfs);
  if (how === 'cut') await truncate(rootfs, Math.floor(size / 2));
  else await flipBit(rootfs, Math.floor(size / 2));
  // An image is looked at once for each boot of the host: this one has not been seen yet.
  if (how === 'flip') await writeManifest(copy, id.split('').reverse().join(''), size);
  return copy;
}

async function publish(imagesDir: string, rootfs: string): Promise<string> {
  const id = await hashFile(rootfs);
  const { size: bytes } = await stat(rootfs);
  const dir = join(imagesDir, id);
  await mkdir(dir);
  await rename(rootfs, join(dir, ROOTFS));
  await writeManifest(dir, id, bytes);
  return id;
}

function writeManifest(dir: string, id: string, bytes: number): Promise<void> {
  return writeFile(join(dir, 'manifest.json'), JSON.stringify({ schema: 1, id, rootfs: { file: ROOTFS, bytes } }));
}

function mount(type: string, options: string, source: string, target: string): void {
  execFileSync('mount', ['-t', type, '-o', options, source, target]);
}
