import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ADDON_INPUTS, ADDON_PARTS, buildAddon, planAddon } from './addon.ts';
import type { OwnParts } from './attest/bill.ts';
import type { Build } from './build.ts';
import { fetchDebs } from './debs.ts';
import { isThere } from './is-there.ts';
import type { Lock } from './lock.ts';
import { buildNative, planNative } from './native.ts';
import { buildNode, NODE_INPUTS, planNode } from './node.ts';
import { readIntegrity, type NpmLock } from './npm-lock.ts';
import { buildOverlay, OVERLAY_INPUTS, planOverlay, toOwnFiles, type OverlaySources } from './overlay.ts';
import type { Step } from './progress.ts';
import { buildFolder, buildTar, planBase, planBuilder } from './rootfs.ts';
import { findMirrors } from './sources.ts';
import { isCached, runStage, toKey, withTemporary } from './stage.ts';
import { buildTools, planTools, readToolsLock, toToolPlaces } from './tools.ts';
import { readTree } from './tree.ts';

/** A stage's result: where it is, and the key of everything that it was made from. */
export interface Result {
  path: string;
  key: string;
}

export async function makeBuilder(build: Build, lock: Lock): Promise<Result> {
  const plan = planBuilder(lock);
  return make(build, 'builder', plan, `builder root (${lock.packages.length} packages)`, {
    before: () => fetchLocked(build, lock, 'builder'),
    make: (dir, step) => buildFolder(plan, lock, build.paths.cache, dir, step),
  });
}

export async function makeBase(build: Build, lock: Lock): Promise<Result> {
  const plan = planBase(build.image, lock);
  return make(build, 'base', plan, `packages of the image (${lock.packages.length})`, {
    before: () => fetchLocked(build, lock, 'the image'),
    make: (dir, step) => buildTar(plan, lock, build.paths.cache, dir, step),
  });
}

export async function makeKernelBuilder(build: Build, lock: Lock): Promise<Result> {
  const plan = planBuilder(lock);
  return make(build, 'kernel-builder', plan, `builder root of the kernel (${lock.packages.length} packages)`, {
    before: () => fetchLocked(build, lock, 'the kernel'),
    make: (dir, step) => buildFolder(plan, lock, build.paths.cache, dir, step),
  });
}

export async function makeAddon(build: Build, builder: Result, epoch: number): Promise<Result> {
  const { cache, repository } = build.paths;
  const plan = planAddon(builder.key, await readIntegrity(repository, ADDON_INPUTS), epoch);
  return make(build, 'addon', plan, 'GStreamer binding', {
    make: (dir) => buildAddon(plan, rootOf(builder), join(repository, 'node_modules'), cache, dir),
  });
}

export async function makeNative(build: Build, builder: Result, epoch: number): Promise<Result> {
  const { cache, repository } = build.paths;
  const folder = join(repository, 'guest/native');
  const plan = await planNative(builder.key, folder, epoch);
  return make(build, 'native', plan, 'native programs of the guest', {
    make: (dir) => buildNative(plan, rootOf(builder), folder, cache, dir),
  });
}

/** The overlay, and what the image's description says of it. */
export interface Overlay extends Result {
  own: OwnParts;
  /** What the tools' lock says of those that are in it. */
  toolLock: NpmLock;
}

/** What is compiled in the builder root, or taken apart there. */
export interface Compiled {
  addon: Result;
  native: Result;
  node: Result;
  /** In an operator's own image. */
  tools?: Result;
}

export async function makeNode(build: Build, builder: Result): Promise<Result> {
  const { cache, repository } = build.paths;
  const plan = planNode(builder.key, await readIntegrity(repository, NODE_INPUTS));
  return make(build, 'node', plan, 'Node without debug names', {
    make: (dir) => buildNode(plan, rootOf(builder), join(repository, 'node_modules'), cache, dir),
  });
}

/** The tools that one signs in to, from their own lock. */
export async function makeTools(build: Build): Promise<Result> {
  const { golden, repository } = build.paths;
  const plan = planTools(await readToolsLock(golden), await readIntegrity(repository, ['npm']));
  return make(build, 'tools', plan, 'tools that one signs in to, from npm', {
    make: (dir) => buildTools(plan, golden, repository, build.env, dir),
  });
}

/** The guest's bundle is made each time (it takes less than asking what it depends on) and known by its content. */
export function makeOverlay(build: Build, { addon, native, node, tools }: Compiled, epoch: number): Promise<Overlay> {
  const { cache, golden, repository } = build.paths;
  return withTemporary(cache, async (guest) => {
    const bundled = await buildGuest(repository, guest);
    const rootfs = build.image.layers.map(({ name }) => join(golden, 'rootfs', name));
    const sources: OverlaySources = {
      rootfs: await filterExisting(rootfs),
      nodeModules: join(repository, 'node_modules'),
      node: node.path,
      guest,
      addon: addon.path,
      native: native.path,
      ...(tools && { tools: tools.path }),
    };
    const plan = await planOverlay(
      build.image,
      sources,
      await readIntegrity(repository, OVERLAY_INPUTS),
      { addon: addon.key, native: native.key, node: node.key, ...(tools && { tools: tools.key }) },
      epoch,
    );
    const result = await make(build, 'overlay', plan, 'files over the packages', { make: (dir) => buildOverlay(plan, sources, dir) });
    const npm = [...bundled, ...[...OVERLAY_INPUTS, ...ADDON_PARTS].map((name) => `node_modules/${name}`)];
    const toolLock = tools ? toToolPlaces(await readToolsLock(golden), (place) => existsSync(join(tools.path, place))) : {};
    const own = { npm: [...npm, ...Object.keys(toolLock)], files: toOwnFiles(plan, await readTree(native.path)) };
    return { ...result, own, toolLock };
  });
}

interface Recipe {
  /** What it needs that shows progress of its own. */
  before?: () => Promise<void>;
  make: (dir: string, step: Step) => Promise<void>;
}

/** Makes a stage's result unless the cache has it, with progress. */
export async function make(build: Build, name: string, plan: unknown, title: string, recipe: Recipe): Promise<Result> {
  const { cache } = build.paths;
  const key = toKey(plan);
  const run = (step?: Step) => runStage(cache, name, key, (dir) => recipe.make(dir, step ?? SILENT));
  if (await isCached(cache, name, key)) return { key, path: await run() };
  await recipe.before?.();
  return { key, path: await build.progress.step(title, run) };
}

const SILENT: Step = { update: () => {}, note: () => {} };

function fetchLocked(build: Build, lock: Lock, what: string): Promise<void> {
  const mirrors = () => findMirrors(build.env);
  return build.progress.step(`fetching packages of ${what}`, (step) => fetchDebs(lock.packages, build.paths.cache, mirrors, step));
}

/** guest/build.ts bundles what runs in the guest. Gives the npm packages that are in the bundle. */
async function buildGuest(repository: string, dir: string): Promise<string[]> {
  const module = join(repository, 'guest/build.ts');
  const { buildGuest: bundle } = (await import(pathToFileURL(module).href)) as { buildGuest: (dir: string) => Promise<string[]> };
  return bundle(dir);
}

async function filterExisting(folders: readonly string[]): Promise<string[]> {
  const there = await Promise.all(folders.map(isThere));
  return folders.filter((_, index) => there[index]);
}

/** The root itself in the builder stage's result. */
export function rootOf(builder: Result): string {
  return join(builder.path, 'root');
}
