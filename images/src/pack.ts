import { runInside } from './enter-root.ts';

/** lz4 packs in 3 s (development); lz4hc is smaller and takes longer (releases). Hosts before Linux 6.10 mount no zstd. */
export const VARIANTS = { lz4: 'lz4', lz4hc: 'lz4hc,12' } as const;
export type Variant = keyof typeof VARIANTS;

/** All that decides how the tars become an image. */
export interface PackPlan {
  argv: string[];
  epoch: number;
}

export function planPack(variant: Variant, uuid: string, epoch: number): PackPlan {
  return {
    epoch,
    argv: [
      'mkfs.erofs',
      '--quiet',
      // From a tar: its order is the image's, its times are clamped. Not -Efragments or -Ededupe: neither is safe in 1.8.6.
      '--tar=f',
      `-z${VARIANTS[variant]}`,
      // The last piece of a file lies with its inode: a root has thousands of small ones. Hosts and guests have it since Linux 5.17.
      '-Eztailpacking',
      // Larger clusters pack better and read slower.
      '-C65536',
      `-U${uuid}`,
    ],
  };
}

/** Packs the tars, one after the other, with the builder root's mkfs.erofs. */
export async function packImage(
  plan: PackPlan,
  builderRoot: string,
  base: string,
  overlay: string,
  cache: string,
  dir: string,
): Promise<void> {
  const binds = [
    { from: base, to: '/in/base' },
    { from: overlay, to: '/in/overlay' },
    { from: dir, to: '/out', writable: true as const },
  ];
  const env = { SOURCE_DATE_EPOCH: String(plan.epoch), TMPDIR: '/out' };
  await runInside(
    cache,
    builderRoot,
    ['sh', '-c', 'cat /in/base/base.tar /in/overlay/overlay.tar | exec "$@"', 'pack', ...plan.argv, '/out/rootfs.erofs'],
    { binds, env },
  );
}

/** Reads the packed image with the builder root's fsck.erofs. Throws CommandFailed when it is not sound. */
export async function readPackedImage(builderRoot: string, cache: string, dir: string): Promise<void> {
  await runInside(cache, builderRoot, ['fsck.erofs', '/out/rootfs.erofs'], { binds: [{ from: dir, to: '/out' }] });
}
