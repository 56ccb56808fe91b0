import { join } from 'node:path';

/** Where everything is; the only place in images/ that reads the environment for it. */
export interface Paths {
  /** Root of the repository. */
  repository: string;
  golden: string;
  /** root.json, builder.json. */
  locks: string;
  /** .debs by sha256, stages by key: may be deleted at any time. */
  cache: string;
  /** Finished images by sha256 and the link `latest`. */
  images: string;
  /** Finished kernels by the sha256 of vmlinux and the link `latest`. */
  kernels: string;
  /** The kernel's config as it is committed. */
  kernelConfig: string;
}

export function toPaths(env: NodeJS.ProcessEnv): Paths {
  const repository = join(import.meta.dirname, '../..');
  return {
    repository,
    golden: join(repository, 'images/golden'),
    locks: env.ORIEL_LOCK_DIR || join(repository, 'images/lock'),
    cache: env.ORIEL_CACHE_DIR || '/var/cache/oriel',
    images: env.ORIEL_IMAGE_DIR || '/var/lib/oriel/images',
    kernels: env.ORIEL_KERNEL_DIR || '/var/lib/oriel/kernels',
    kernelConfig: join(repository, 'images/golden/kernel/resolved.config'),
  };
}
