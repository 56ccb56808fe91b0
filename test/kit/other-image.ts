import {
  appendFileSync,
  constants,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { findImage, hashFile } from '../../controller/src/machines/image.ts';

const BLOCK = 4096;

/** As `latest` of a folder: an image of other bytes, and so of another name, that boots as the one in `from` does. Gives its id. */
export async function makeOtherImage(from: string, to: string): Promise<string> {
  const golden = await findImage(from);
  const work = join(to, 'work');
  mkdirSync(work, { recursive: true });
  const dir = join(golden.rootfs, '..');
  for (const name of readdirSync(dir)) copyFileSync(join(dir, name), join(work, name), constants.COPYFILE_FICLONE);
  const rootfs = join(work, 'rootfs.erofs');
  // Behind the end of the file system: nobody mounts it.
  appendFileSync(rootfs, Buffer.alloc(BLOCK));
  const id = await hashFile(rootfs);
  const manifest = JSON.parse(readFileSync(join(work, 'manifest.json'), 'utf8')) as { rootfs: { bytes: number } };
  const other = { ...manifest, id, rootfs: { ...manifest.rootfs, bytes: manifest.rootfs.bytes + BLOCK } };
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(other));
  renameSync(work, join(to, id));
  symlinkSync(id, join(to, 'latest'));
  return id;
}
