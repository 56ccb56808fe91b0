import { createHash, type KeyObject } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildController } from '../../controller/build.ts';
import { buildViewer } from '../../controller/viewer/build.ts';
import { CYCLONEDX, MANIFEST, readVersion, SPDX } from '../../images/src/attest/describe.ts';
import type { BuildFacts } from '../../images/src/attest/provenance.ts';
import { PROVENANCE, toProvenanceFile } from '../../images/src/attest/provenance-file.ts';
import { BuildError } from '../../images/src/errors.ts';
import type { Manifest } from '../../images/src/manifest.ts';
import { readNpmLock } from '../../images/src/npm-lock.ts';
import { addToHash, LATEST } from '../../images/src/publish.ts';
import { isThere } from '../../images/src/is-there.ts';
import { withTemporary } from '../../images/src/stage.ts';
import { buildHost } from '../host/build.ts';
import { toBills, toReleaseFacts } from './describe.ts';
import { NODE_PACKAGE, planRelease, type Copied } from './plan.ts';
import { BUILD, RELEASE, SUMS, toSums, type Release, type ReleaseFile } from './release.ts';

type Four = [string, string, string, string];

/** As images/src/kernel writes it, what is needed of it here. */
interface KernelManifest {
  id: string;
  release: string;
}

export interface ReleaseBuild {
  repository: string;
  images: string;
  kernels: string;
  /** Folder of releases, each by its id. */
  releases: string;
  /** undefined: the tree has changes that no commit has. */
  commit: string | undefined;
  /** Signs the provenance. */
  signingKey: KeyObject | undefined;
}

/**
 * Puts everything that a host needs into one folder, named by the hash of its bytes: the same tree and image give the same one.
 * Gives its path. A folder under a good name is whole. BuildError when image or kernel are not built, or not to be given away.
 */
export async function makeRelease({ repository, images, kernels, releases, commit, signingKey }: ReleaseBuild): Promise<string> {
  const image = await readDescribed<Manifest>(images, 'image');
  const kernel = await readDescribed<KernelManifest>(kernels, 'kernel');
  if (image.tools?.length) {
    const how = 'run `just build-image` without --tools';
    throw new BuildError(`the image has ${image.tools.join(', ')}, whose makers' licences do not let Oriel hand them on: ${how}`);
  }
  return withTemporary(releases, async (dir) => {
    const [controller, viewer, host, release] = ['controller', 'viewer', 'host', 'release'].map((name) => join(dir, name)) as Four;
    const npm = [...(await buildController(controller)), ...(await buildViewer(viewer)), ...(await buildHost(host))];
    const [imageDir, kernelDir] = [join(images, image.id), join(kernels, kernel.id)];
    const built = { controller, viewer, host };
    const plan = planRelease({ repository, image: { ...image, dir: imageDir }, kernel: { ...kernel, dir: kernelDir }, ...built });
    const files = (await Promise.all(plan.map((copied) => copy(copied, release)))).flat();
    checkCopied(files, [`images/${image.id}/rootfs.erofs`, image.id], [`kernels/${kernel.id}/vmlinux`, kernel.id]);
    return publish(release, releases, signingKey, await describe(release, files, { repository, npm, image, kernel, commit }));
  });
}

/** Image and kernel are named by their hashes: what was copied must be them. */
function checkCopied(files: readonly ReleaseFile[], ...named: readonly [path: string, id: string][]): void {
  for (const [path, id] of named) {
    const found = files.find((file) => file.path === path)?.sha256 ?? 'missing';
    if (found !== id) throw new BuildError(`${path} is damaged: its sha256 is ${found}. Remove its folder and run \`just build-image\``);
  }
}

interface Made {
  repository: string;
  /** npm packages in the programs. */
  npm: readonly string[];
  image: Manifest;
  kernel: KernelManifest;
  commit: string | undefined;
}

/** Writes the SBOMs and `release.json`. Gives how the release was made. */
async function describe(release: string, copied: readonly ReleaseFile[], made: Made): Promise<{ sums: string; facts: BuildFacts }> {
  const { repository, npm, image, kernel, commit } = made;
  const [version, lock] = [await readVersion(repository), await readNpmLock(repository)];
  const { sha256 } = copied.find(({ path }) => path === 'controller/dist/main.cjs')!;
  const bills = toBills({ id: sha256, version, epoch: image.epoch, npm, lock });
  const said = {
    schema: 1 as const,
    version,
    ...(commit && { commit }),
    node: lock[NODE_PACKAGE]!.version,
    image: { id: image.id, epoch: image.epoch },
    kernel: { id: kernel.id, release: kernel.release },
  };
  const facts = toReleaseFacts({ release: said, npm, lock });
  const files = [
    ...copied,
    await write(release, CYCLONEDX, bills.cyclonedx),
    await write(release, SPDX, bills.spdx),
    await write(release, BUILD, `${JSON.stringify(facts, null, 2)}\n`),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const described: Release = { ...said, files };
  return { sums: toSums([...files, await write(release, RELEASE, `${JSON.stringify(described, null, 2)}\n`)]), facts };
}

/** Gives the release its name; one that is there already gets a newer signature at most. */
async function publish(
  release: string,
  releases: string,
  signingKey: KeyObject | undefined,
  { sums, facts }: { sums: string; facts: BuildFacts },
): Promise<string> {
  const { sha256: id } = await write(release, SUMS, sums);
  const target = join(releases, id);
  const provenance = await toProvenanceFile(target, facts, [{ name: SUMS, sha256: id }], signingKey);
  await write(release, PROVENANCE, provenance.text!);
  await settleFolders(release);
  if (await isThere(target)) await rename(join(release, PROVENANCE), join(target, PROVENANCE));
  else await rename(release, target);
  return target;
}

async function readDescribed<T extends { id: string }>(parent: string, what: string): Promise<T> {
  const text = await readFile(join(parent, LATEST, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new BuildError(`there is no ${what} in ${parent}: run \`just build-image\``, { cause });
  });
  return JSON.parse(text) as T;
}

/** A file or a folder into the release. Shell scripts are run by path. */
async function copy({ to, from, mode }: Copied, release: string): Promise<ReleaseFile[]> {
  if ((await stat(from)).isDirectory()) {
    const names = (await readdir(from)).sort();
    return (await Promise.all(names.map((name) => copy({ to: `${to}/${name}`, from: join(from, name), mode }, release)))).flat();
  }
  const path = join(release, to);
  await mkdir(dirname(path), { recursive: true });
  await copyFile(from, path, constants.COPYFILE_FICLONE);
  return [await settle(release, to, to.endsWith('.sh') ? '755' : mode)];
}

async function write(release: string, name: string, text: string): Promise<ReleaseFile> {
  await writeFile(join(release, name), text);
  return settle(release, name, '644');
}

async function settleFolders(release: string): Promise<void> {
  const entries = await readdir(release, { recursive: true, withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  for (const folder of [release, ...folders]) await chmod(folder, 0o755);
}

/** Modes do not depend on the umask, nor on the checkout's. */
async function settle(release: string, path: string, mode: ReleaseFile['mode']): Promise<ReleaseFile> {
  const file = join(release, path);
  await chmod(file, parseInt(mode, 8));
  const hash = createHash('sha256');
  await addToHash(hash, file);
  return { path, mode, bytes: (await stat(file)).size, sha256: hash.digest('hex') };
}
