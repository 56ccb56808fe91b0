import { join } from 'node:path';
import type { Image } from '../golden/layer.ts';
import { openApt, toSuites, type IsolatedApt } from './apt.ts';
import { fetchDebs, toDebPath, toSha1 } from './debs.ts';
import { toRequested, type Lock, type LockSet } from './lock.ts';
import type { Paths } from './paths.ts';
import type { Progress } from './progress.ts';
import { resolvePackages } from './resolve.ts';
import type { Mirrors } from './sources.ts';
import { withTemporary } from './stage.ts';

/** All sets as the mirror has them now. Every .deb is fetched: its SHA-1 is in no package list. */
export function resolveLocks(image: Image, paths: Paths, mirrors: Mirrors, progress: Progress): Promise<Record<LockSet, Lock>> {
  return withTemporary(paths.cache, async (dir) => {
    const apt = await progress.step('reading package lists', () => openApt(join(dir, 'apt'), mirrors, image.suite, image.architecture));
    const lock = (set: LockSet) => resolveLock(apt, image, set, paths.cache, mirrors, progress);
    return { root: await lock('root'), builder: await lock('builder'), kernel: await lock('kernel') };
  });
}

async function resolveLock(
  apt: IsolatedApt,
  image: Image,
  set: LockSet,
  cache: string,
  mirrors: Mirrors,
  progress: Progress,
): Promise<Lock> {
  const requested = toRequested(image, set);
  const resolved = await resolvePackages(apt, toSuites(image.suite), requested);
  await progress.step(`fetching ${resolved.length} packages of ${set}`, (step) => fetchDebs(resolved, cache, async () => mirrors, step));
  const packages = await Promise.all(resolved.map(async (found) => ({ ...found, sha1: await toSha1(toDebPath(cache, found)) })));
  const epoch = await apt.releaseEpoch();
  return { schema: 1, suite: image.suite, architecture: image.architecture, epoch, requested, packages };
}
