import { createHash, type KeyObject } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ADDON_INPUTS } from './addon.ts';
import { readVersion, toBuildFacts, toDescription, type Described } from './attest/describe.ts';
import { readLicences } from './attest/licences.ts';
import { toProvenanceFile } from './attest/provenance-file.ts';
import type { Build } from './build.ts';
import { checkImage, planCheck } from './check.ts';
import { toLockHash, type ImageLocks } from './lock.ts';
import { toManifest, type Manifest } from './manifest.ts';
import { readIntegrity, readNpmLock, toNpmName, type NpmLock } from './npm-lock.ts';
import { OVERLAY_INPUTS } from './overlay.ts';
import { packImage, planPack, readPackedImage } from './pack.ts';
import { addToHash, isPublished, publishFiles, toSha256, type PublishedFile } from './publish.ts';
import { measureImage, type Sizes } from './sizes.ts';
import { rootOf, type Overlay, type Result } from './stages.ts';
import { runStage, toKey, withTemporary } from './stage.ts';
import { appendVerity, planVerity, type Verity } from './verity.ts';

export interface Parts {
  builder: Result;
  base: Result;
  overlay: Overlay;
  /** Signs the provenance. */
  signingKey: KeyObject | undefined;
}

/** What is known of an image once it is packed and checked: with it, its description can be written anew without packing. */
interface Packed {
  id: string;
  bytes: number;
  verity: Verity;
  packages: Manifest['packages'];
  sizes: Sizes;
  /** SPDX expressions by package. */
  licences: Record<string, string>;
}

const ROOTFS = 'rootfs.erofs';
/** npm packages that bundle the guest's code. */
const BUNDLER = ['esbuild', '@esbuild/linux-x64'];
const LICENCES = join(import.meta.dirname, 'attest/licences.ts');

/** Packs and checks the image, unless the same inputs made one that is still there; describes and publishes it. Gives its id. */
export async function makeImage(build: Build, locks: ImageLocks, parts: Parts): Promise<string> {
  const { cache, images } = build.paths;
  const pack = planPack(build.variant, build.image.uuid, locks.root.epoch);
  const check = await planCheck(build.image, build.needs, locks.root.epoch);
  const licences = await toSha256(LICENCES);
  const verity = planVerity(build.image.uuid);
  const key = toKey({ pack, verity, check, licences, builder: parts.builder.key, base: parts.base.key, overlay: parts.overlay.key });
  const publish = async (packed: Packed, rootfs: PublishedFile) =>
    publishImage(images, await describe(build, locks, parts.overlay, key, packed), rootfs, parts.signingKey);
  const known = await readPacked(cache, key);
  if (known && (await isPublished(images, known.id, [ROOTFS]))) return publish(known, { name: ROOTFS, sha256: known.id });

  return withTemporary(cache, async (dir) => {
    const rootfs = join(dir, ROOTFS);
    const { progress, variant } = build;
    await progress.step(`packing (${variant})`, () =>
      packImage(pack, rootOf(parts.builder), parts.base.path, parts.overlay.path, cache, dir),
    );
    const { size: dataBytes } = await stat(rootfs);
    const hash = createHash('sha256');
    const [tree, packages, sizes, found] = await progress.step('hashing its blocks and checking', () =>
      Promise.all([
        // Behind what the others read.
        appendVerity(verity, rootOf(parts.builder), cache, dir, ROOTFS),
        checkImage(check, rootfs, cache),
        measureImage(build.image, build.paths.golden, parts.overlay.path, rootfs, cache),
        readLicences(rootfs, cache),
        addToHash(hash, rootfs, 0, dataBytes),
        // Every block, of what is released; who develops waits for it with each file that is changed.
        variant === 'lz4hc' && readPackedImage(rootOf(parts.builder), cache, dir),
      ]),
    );
    await addToHash(hash, rootfs, dataBytes);
    const file = { name: ROOTFS, path: rootfs, sha256: hash.digest('hex') };
    const { size: bytes } = await stat(rootfs);
    const packed = { id: file.sha256, bytes, verity: tree, packages, sizes, licences: found };
    await publish(packed, file);
    await runStage(cache, 'packed', key, (result) => writeFile(join(result, 'packed.json'), JSON.stringify(packed)));
    return packed.id;
  });
}

async function publishImage(images: string, described: Described, rootfs: PublishedFile, signingKey?: KeyObject): Promise<string> {
  const { id } = described.manifest;
  const files = [rootfs, ...toDescription(described)];
  const provenance = await toProvenanceFile(join(images, id), toBuildFacts(described), files, signingKey);
  await publishFiles(images, id, [...files, provenance]);
  return id;
}

async function describe(
  { image, variant, paths: { repository } }: Build,
  locks: ImageLocks,
  { own, toolLock }: Overlay,
  key: string,
  { licences, ...facts }: Packed,
): Promise<Described> {
  const createdFrom = { lock: toLockHash(locks.root), builderLock: toLockHash(locks.builder), key };
  const npm = await readIntegrity(repository, [...OVERLAY_INPUTS, ...ADDON_INPUTS]);
  return {
    manifest: toManifest(image, locks.root, { ...facts, variant, npm, tools: toVersions(toolLock), createdFrom }),
    locks,
    npmLock: { ...(await readNpmLock(repository)), ...toolLock },
    version: await readVersion(repository),
    own,
    licences,
    tools: [...ADDON_INPUTS, ...BUNDLER].map((name) => `node_modules/${name}`),
  };
}

async function readPacked(cache: string, key: string): Promise<Packed | undefined> {
  const text = await readFile(join(cache, 'stages', `packed-${key.slice(0, 32)}`, 'packed.json'), 'utf8').catch(() => '');
  return text ? (JSON.parse(text) as Packed) : undefined;
}

/** `name@version` of each tool's package. */
function toVersions(lock: NpmLock): string[] {
  return Object.entries(lock).map(([place, { version }]) => `${toNpmName(place)}@${version}`);
}
