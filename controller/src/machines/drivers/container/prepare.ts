import { join } from 'node:path';
import { NO_LIMITS, planCgroup } from '../../shim/cgroup-plan.ts';
import { removeEmpty } from '../../shim/cgroup.ts';
import type { MachineImage } from '../../driver.ts';
import type { Context } from './context.ts';
import { mountImage, unmountImages, type MountedImage } from './image-mount.ts';
import { toStage } from './paths.ts';

import { verifyImage } from './verify-image.ts';

/** The image checked and mounted; at once when it has been so before. */
export function prepareImage(context: Context, image: MachineImage, signal?: AbortSignal): Promise<MountedImage> {
  const ready = context.images.get(image.id) ?? prepare(context, image, signal);
  context.images.set(image.id, ready);
  // The next one tries again.
  ready.catch(() => context.images.delete(image.id));
  return ready;
}

/** Takes the mounts away that machines share, and the group directories that they shared when none of them is left. */
export async function closeImages(context: Context): Promise<void> {
  const runtime = await context.runtime();
  context.images.clear();
  await unmountImages(context.imagesDir);
  await removeEmpty([toStage(runtime.instance).stage, ...planCgroup(runtime.layout, runtime.instance, 'none', NO_LIMITS).parents]);
}

async function prepare({ imagesDir, log }: Context, image: MachineImage, signal?: AbortSignal): Promise<MountedImage> {
  await verifyImage(image, join(imagesDir, `${image.id}.verdict`), log, signal);
  const started = performance.now();
  const mounted = await mountImage(image, imagesDir);
  log.info({ image: image.id, ms: Math.round(performance.now() - started) }, 'image mounted');
  if (mounted.warning !== undefined) {
    log.error(
      { image: image.id, reason: mounted.warning },
      "NO USER NAMESPACE: root in a machine is the host's root. The image cannot be mounted with shifted ids",
    );
  }
  return mounted;
}
