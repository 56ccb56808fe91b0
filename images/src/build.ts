import { join } from 'node:path';
import type { Image } from '../golden/layer.ts';
import type { Needs } from '../golden/needs.ts';
import { readSigningKey } from './attest/keys.ts';
import { LockInvalid } from './errors.ts';
import { collectImages } from './collect.ts';
import { checkLock, readLock, type ImageLocks } from './lock.ts';
import type { Variant } from './pack.ts';
import type { Paths } from './paths.ts';
import type { Progress } from './progress.ts';
import { makeImage } from './finish.ts';
import { LATEST, readPublished, switchLatest } from './publish.ts';
import { makeAddon, makeBase, makeBuilder, makeNative, makeNode, makeOverlay, makeTools } from './stages.ts';
import { toSummary } from './summary.ts';

/*
 *   locks ─► .debs ─┬─► builder root ──► addon, native, node ─┐
 *                   │         └───────────┐           ▼
 *                   └─► base.tar ──────► pack ◄─ overlay.tar ◄─ rootfs/, Node, npm, guest
 *                                          └─► check ─► describe ─► <sha256>/ ─► latest
 *
 * Each stage is skipped when its inputs, as data, are those of a result in the cache.
 */
export interface Build {
  image: Image;
  needs: Needs;
  paths: Paths;
  variant: Variant;
  /** With the tools that one signs in to: an operator's own image, which is not released. */
  tools?: boolean;
  env: NodeJS.ProcessEnv;
  progress: Progress;
}

/** Builds what is not there yet, checks it, makes `latest` name it. Gives the image's id. */
export async function buildImage(build: Build): Promise<string> {
  const signingKey = await readSigningKey(build.env);
  const locks = await readLocks(build);
  const builder = await makeBuilder(build, locks.builder);
  const base = await makeBase(build, locks.root);
  const compiled = {
    addon: await makeAddon(build, builder, locks.root.epoch),
    native: await makeNative(build, builder, locks.root.epoch),
    node: await makeNode(build, builder),
    ...(build.tools && { tools: await makeTools(build) }),
  };
  const overlay = await makeOverlay(build, compiled, locks.root.epoch);
  const before = await readPublished(build.paths.images, LATEST);
  const id = await makeImage(build, locks, { builder, base, overlay, signingKey });
  const changed = await switchLatest(build.paths.images, id);
  if (changed) build.progress.say(toSummary((await readPublished(build.paths.images, id))!, before));
  build.progress.say(`${changed ? 'image is' : 'image is still'} ${join(build.paths.images, id)}`);
  await removeUnused(build);
  return id;
}

async function removeUnused({ paths, progress }: Build): Promise<void> {
  const ids = await collectImages(paths.images);
  if (ids.length > 0) progress.say(`removed, for nothing uses them: ${ids.map((id) => id.slice(0, 12)).join(', ')}`);
}

/** The locks, when they fit the layers; else LockInvalid. */
async function readLocks({ image, paths }: Build): Promise<ImageLocks> {
  const locks = { root: await readLock(paths.locks, 'root'), builder: await readLock(paths.locks, 'builder') };
  const wrong = [...checkLock(image, 'root', locks.root), ...checkLock(image, 'builder', locks.builder)];
  if (wrong.length) throw new LockInvalid(`${wrong.join('\n')}\nRun \`just lock\`.`);
  return locks;
}
