import { copyFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST } from '../attest/describe.ts';
import { readSigningKey } from '../attest/keys.ts';
import { toProvenanceFile } from '../attest/provenance-file.ts';
import { toDebMaterials } from '../attest/provenance.ts';
import type { Build } from '../build.ts';
import { buildKernel, configureKernel, planKernel, writeConfig, type KernelPlan } from './compile.ts';
import { checkLock, readLock, toLockHash, type Lock } from '../lock.ts';
import { LockInvalid } from '../errors.ts';
import { toMegabytes } from '../progress.ts';
import { publishFiles, switchLatest, toMovedFile, toSha256, toTextFile } from '../publish.ts';
import { makeKernelBuilder, make, rootOf, type Result } from '../stages.ts';
import { withTemporary } from '../stage.ts';

/** A file beside the manifest. */
export interface KernelFile {
  file: string;
  bytes: number;
  sha256: string;
}

/** What a kernel is, beside it as manifest.json. */
export interface KernelManifest {
  schema: 1;
  /** sha256 of vmlinux. */
  id: string;
  /** What `uname -r` says. */
  release: string;
  /** ELF with the PVH entry: Firecracker, and QEMU too. */
  vmlinux: KernelFile;
  /** Compressed: QEMU. */
  bzImage: KernelFile;
  config: KernelFile;
  epoch: number;
  createdFrom: { lock: string; key: string };
}

/** Builds the guest kernel unless it is there, makes `latest` name it. Gives its id. */
export async function makeKernel(build: Build): Promise<string> {
  const { kernels } = build.paths;
  const { lock, builder, plan } = await prepare(build);
  const kernel = await make(build, 'kernel', plan, 'kernel', {
    make: (dir, step) => buildKernel(plan, rootOf(builder), build.paths.cache, dir, step),
  });
  const manifest = await describe(kernel, lock);
  await publish(build, kernel.path, manifest, lock);
  const changed = await switchLatest(kernels, manifest.id);
  const words = `${manifest.release}, bzImage ${toMegabytes(manifest.bzImage.bytes)}`;
  build.progress.say(`${changed ? 'kernel is' : 'kernel is still'} ${join(kernels, manifest.id)} (${words})`);
  return manifest.id;
}

/** Resolves the config anew and writes it where it is committed. */
export async function acceptKernelConfig(build: Build): Promise<void> {
  const { builder, plan } = await prepare(build);
  await withTemporary(build.paths.cache, async (dir) => {
    const config = await configureKernel(plan, rootOf(builder), build.paths.cache, join(dir, 'kernel'));
    await writeConfig(build.paths.kernelConfig, config);
  });
  build.progress.say(`written: ${build.paths.kernelConfig}`);
}

async function prepare(build: Build): Promise<{ lock: Lock; builder: Result; plan: KernelPlan }> {
  const lock = await readLock(build.paths.locks, 'kernel');
  const wrong = checkLock(build.image, 'kernel', lock);
  if (wrong.length) throw new LockInvalid(`${wrong.join('\n')}\nRun \`just lock\`.`);
  const builder = await makeKernelBuilder(build, lock);
  return { lock, builder, plan: await planKernel(builder.key, build.image.kernel.source, build.paths.kernelConfig, lock.epoch) };
}

async function describe({ path, key }: Result, lock: Lock): Promise<KernelManifest> {
  const of = async (file: string): Promise<KernelFile> => ({
    file,
    bytes: (await stat(join(path, file))).size,
    sha256: await toSha256(join(path, file)),
  });
  const [vmlinux, bzImage, config] = [await of('vmlinux'), await of('bzImage'), await of('config')];
  const release = (await readFile(join(path, 'release'), 'utf8')).trim();
  return {
    schema: 1,
    id: vmlinux.sha256,
    release,
    vmlinux,
    bzImage,
    config,
    epoch: lock.epoch,
    createdFrom: { lock: toLockHash(lock), key },
  };
}

/** With its provenance, which is written anew each time: it may have been signed with another key. */
async function publish({ paths: { cache, kernels }, env }: Build, from: string, manifest: KernelManifest, lock: Lock): Promise<void> {
  const signingKey = await readSigningKey(env);
  await withTemporary(cache, async (dir) => {
    const files = [toTextFile(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`)];
    for (const { file } of [manifest.vmlinux, manifest.bzImage, manifest.config]) {
      await copyFile(join(from, file), join(dir, file));
      files.push(await toMovedFile(file, join(dir, file)));
    }
    const facts = {
      buildType: 'guest-kernel/v1',
      externalParameters: { release: manifest.release },
      internalParameters: { epoch: manifest.epoch, createdFrom: manifest.createdFrom },
      materials: toDebMaterials(lock),
    };
    const provenance = await toProvenanceFile(join(kernels, manifest.id), facts, files, signingKey);
    await publishFiles(kernels, manifest.id, [...files, provenance]);
  });
}
