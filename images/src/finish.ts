import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDON_INPUTS } from './addon.ts';
import type { Build } from './build.ts';
import { checkImage, planCheck } from './check.ts';
import { toLockHash, type Lock, type LockSet } from './lock.ts';
import { toManifest } from './manifest.ts';
import { readIntegrity } from './npm-lock.ts';
import { OVERLAY_INPUTS } from './overlay.ts';
import { packImage, planPack } from './pack.ts';
import { isPublished, publishImage, toSha256 } from './publish.ts';
import { measureImage } from './sizes.ts';
import { rootOf, type Result } from './stages.ts';
import { runStage, toKey, withTemporary } from './stage.ts';

export interface Parts {
  builder: Result;
  base: Result;
  overlay: Result;
}

/** Packs, checks and publishes the image, unless the same inputs made one that is still there. Gives its id. */
export async function makeImage(build: Build, locks: Record<LockSet, Lock>, parts: Parts): Promise<string> {
  const { cache, images } = build.paths;
  const pack = planPack(build.variant, build.image.uuid, locks.root.epoch);
  const check = await planCheck(build.image, build.needs, locks.root.epoch);
  const key = toKey({ pack, check, builder: parts.builder.key, base: parts.base.key, overlay: parts.overlay.key });
  const known = await readFile(join(cache, 'stages', `image-${key.slice(0, 32)}`, 'id'), 'utf8').catch(() => '');
  if (known && (await isPublished(images, known))) return known;

  return withTemporary(cache, async (dir) => {
    const rootfs = join(dir, 'rootfs.erofs');
    const { progress, variant } = build;
    await progress.step(`packing (${variant})`, () =>
      packImage(pack, rootOf(parts.builder), parts.base.path, parts.overlay.path, cache, dir),
    );
    const packages = await progress.step('checking', () => checkImage(check, rootfs, cache));
    const sizes = await measureImage(build.image, build.paths.golden, parts.overlay.path, rootfs, cache);
    const id = await toSha256(rootfs);
    const { size: bytes } = await stat(rootfs);
    const createdFrom = { lock: toLockHash(locks.root), builderLock: toLockHash(locks.builder), key };
    const npm = await readIntegrity(build.paths.repository, [...OVERLAY_INPUTS, ...ADDON_INPUTS]);
    await publishImage(images, rootfs, toManifest(build.image, locks.root, { id, bytes, variant, packages, npm, sizes, createdFrom }));
    await runStage(cache, 'image', key, (result) => writeFile(join(result, 'id'), id));
    return id;
  });
}
