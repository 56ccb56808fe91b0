import { mkdir, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readMounts, type Mount } from '../../../host/mounts.ts';
import { CommandFailed, run } from '../../../host/run.ts';
import { toOwnFile } from '../../../own-file.ts';
import type { MachineImage } from '../../driver.ts';
import { toFirstHostId } from './host-ids.ts';

const SHIFT_IDS = toOwnFile('machines/drivers/container/shift-ids.sh');

export interface MountedImage {
  /** Directory with the image's root file system, read-only. */
  root: string;
  /** Whether a machine can have ids of its own for the files there; without, a guest's root is the host's. */
  canShift: boolean;
  /** Why not. */
  warning?: string;
}

/** Mounts an image, once for all its machines: they share its page cache. A mount that is there already, from a controller before this one, is used. */
export async function mountImage({ id, rootfs }: MachineImage, imagesDir: string): Promise<MountedImage> {
  const root = join(imagesDir, id, 'plain');
  const probe = join(imagesDir, id, 'probe');
  for (const dir of [root, probe]) await mkdir(dir, { recursive: true, mode: 0o700 });
  // From a regular file mount(8) makes a loop device, which goes with its last mount.
  if (!(await findMount(root))) await run(['mount', '-t', 'erofs', '-o', 'ro,nodev,nosuid', rootfs, root]);
  const warning = await tryToShift(root, probe);
  return { root, canShift: warning === undefined, ...(warning !== undefined && { warning }) };
}

/** Mounts the image with shifted ids, as each machine does for itself; tells why not when that does not work here. */
async function tryToShift(root: string, probe: string): Promise<string | undefined> {
  // One that a controller was killed over.
  if (await findMount(probe)) await run(['umount', probe]);
  try {
    await run(['sh', SHIFT_IDS, root, String(toFirstHostId(0)), probe]);
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
  const mount = await findMount(probe);
  await run(['umount', probe]);
  // util-linux before 2.39 takes the option for a comment: success, and nothing shifted.
  return mount?.options.includes('idmapped') ? undefined : "the image's mount(8) is older than 2.39";
}

async function findMount(path: string): Promise<Mount | undefined> {
  return (await readMounts()).find((mount) => mount.path === path);
}

/** Takes away every image mount below `imagesDir`. Machines that run keep theirs: each has its own mount namespace. */
export async function unmountImages(imagesDir: string): Promise<void> {
  const paths = (await readMounts()).map(({ path }) => path).filter((path) => path.startsWith(`${imagesDir}/`));
  for (const path of paths.reverse()) await run(['umount', '-l', path]);
  for (const id of await readdir(imagesDir).catch(() => [])) {
    for (const dir of [join(imagesDir, id, 'plain'), join(imagesDir, id, 'probe'), join(imagesDir, id)]) await rmdir(dir).catch(() => {});
  }
}
