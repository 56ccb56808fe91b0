import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readMounts, type Mount } from '../../../host/mounts.ts';
import { CommandFailed, run } from '../../../host/run.ts';
import type { MachineImage } from '../../driver.ts';
import { ID_COUNT } from './oci-config.ts';

/** First of the host's ids that stand for the guest's. Debian gives the first 65,536 sub-ids of its first user from here, too. */
export const FIRST_HOST_ID = 100_000;

export interface MountedImage {
  /** Directory with the image's root file system, read-only. */
  root: string;
  /** Set when the files there belong to the guest's own ids on the host; without, a guest's root is the host's. */
  firstHostId: number | undefined;
  /** Why there is no user namespace. */
  warning?: string;
}

/**
 * Mounts an image, once for all its machines (they share its page cache), and once more with ids shifted for the user
 * namespace. Mounts that are there already, from a controller before this one, are used.
 */
export async function mountImage({ id, rootfs }: MachineImage, imagesDir: string): Promise<MountedImage> {
  const plain = join(imagesDir, id, 'plain');
  const mapped = join(imagesDir, id, 'mapped');
  for (const dir of [plain, mapped]) await mkdir(dir, { recursive: true, mode: 0o700 });
  // From a regular file mount(8) makes a loop device, which goes with its last mount.
  if (!(await findMount(plain))) await run(['mount', '-t', 'erofs', '-o', 'ro,nodev,nosuid', rootfs, plain]);
  const warning = await shiftIds(plain, mapped);
  return warning === undefined ? { root: mapped, firstHostId: FIRST_HOST_ID } : { root: plain, firstHostId: undefined, warning };
}

/** Mounts `plain` once more with shifted ids; tells why not when that does not work here. */
async function shiftIds(plain: string, mapped: string): Promise<string | undefined> {
  if (await findMount(mapped)) return undefined;
  try {
    await run(planIdMapping(plain, mapped));
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
  // util-linux before 2.39 takes the option for a comment: success, and nothing shifted.
  if ((await findMount(mapped))?.options.includes('idmapped')) return undefined;
  await run(['umount', mapped]);
  return "the image's mount(8) is older than 2.39";
}

async function findMount(path: string): Promise<Mount | undefined> {
  return (await readMounts()).find((mount) => mount.path === path);
}

/** Takes away every image mount below `imagesDir`. Machines that run keep theirs: each has its own mount namespace. */
export async function unmountImages(imagesDir: string): Promise<void> {
  const paths = (await readMounts()).map(({ path }) => path).filter((path) => path.startsWith(`${imagesDir}/`));
  for (const path of paths.reverse()) await run(['umount', '-l', path]);
  for (const id of await readdir(imagesDir).catch(() => [])) {
    for (const dir of [join(imagesDir, id, 'plain'), join(imagesDir, id, 'mapped'), join(imagesDir, id)]) await rmdir(dir).catch(() => {});
  }
}

/**
 * An id-mapped bind mount takes util-linux 2.39; Debian 12 has 2.38. The image carries a newer one with all its
 * libraries, so its own `mount` is run, by its own loader.
 */
export function planIdMapping(plain: string, mapped: string): string[] {
  return [
    `${plain}/lib64/ld-linux-x86-64.so.2`,
    '--library-path',
    `${plain}/usr/lib/x86_64-linux-gnu`,
    `${plain}/usr/bin/mount`,
    '--bind',
    '-o',
    `X-mount.idmap=0:${FIRST_HOST_ID}:${ID_COUNT}`,
    plain,
    mapped,
  ];
}
