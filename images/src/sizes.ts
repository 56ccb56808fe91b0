import { join } from 'node:path';
import type { Image } from '../golden/layer.ts';
import { findNeeded, toDependent } from './depends.ts';
import { runInside } from './enter-root.ts';
import { run } from './run.ts';
import { parseStanzas } from './sources.ts';
import { readTree } from './tree.ts';

/** What inside/sizes.ts tells. Bytes, unpacked. */
export interface Measured {
  /** dpkg's own list of what is installed. */
  status: string;
  layers: Record<string, number>;
  packages: Record<string, number>;
  /** Our own files' content: see Sizes. */
  files: Record<string, string>;
  /** Made while packages were configured: caches, dpkg's own lists. */
  rest: number;
}

/** What each part of an image costs, in its manifest. Bytes of files, unpacked. */
export interface Sizes {
  total: number;
  /** Belongs to no package and no layer: caches and lists that the packages' own scripts made. */
  generated: number;
  /** A package belongs to the first layer that asks for it or needs it. */
  layers: { name: string; packages: number; packageBytes: number; fileBytes: number }[];
  packages: Record<string, number>;
  /** Content of our own files (npm aside), by path: the first of their sha256 and whether they can be executed, or where they link to. */
  files: Record<string, string>;
}

/** The layer whose files come from node_modules and guest/. */
const BUNDLE_LAYER = 'agent';

/** Measures an image from inside. Offline; the image is not changed. */
export async function measureImage(image: Image, golden: string, overlay: string, rootfs: string, cache: string): Promise<Sizes> {
  const trees = await Promise.all(image.layers.map(async ({ name }) => [name, await readTree(join(golden, 'rootfs', name))] as const));
  const paths = (await run(['tar', '--list', '--quoting-style=literal', '--file', join(overlay, 'overlay.tar')]))
    .split('\n')
    .map((path) => path.replace(/^\./, ''));
  const owners = toOwners(paths, trees, image.layers.some(({ name }) => name === BUNDLE_LAYER) ? BUNDLE_LAYER : image.layers[0]!.name);
  const binds = [{ from: join(import.meta.dirname, 'inside'), to: '/tmp/inside' }];
  const words = await runInside(cache, rootfs, ['node', '/tmp/inside/sizes.ts'], { binds, input: JSON.stringify(owners) });
  return toSizes(image, JSON.parse(words) as Measured);
}

type Trees = readonly (readonly [layer: string, tree: Record<string, string>])[];

/** Which layer each of our files is of: the last that has it, else `bundle`. */
export function toOwners(paths: readonly string[], trees: Trees, bundle: string): Record<string, string> {
  const owners = Object.fromEntries(paths.filter((path) => path && !path.endsWith('/')).map((path) => [path, bundle]));
  for (const [layer, tree] of trees) for (const path of Object.keys(tree)) owners[path] = layer;
  return owners;
}

export function toSizes(image: Image, measured: Measured): Sizes {
  const byLayer = toPackagesByLayer(image, measured.status);
  const layers = image.layers.map(({ name }) => {
    const names = byLayer.get(name)!;
    const packageBytes = sum(names.map((each) => measured.packages[each] ?? 0));
    return { name, packages: names.length, packageBytes, fileBytes: measured.layers[name] ?? 0 };
  });
  const installed = [...byLayer.values()].flat().sort();
  const packages = Object.fromEntries(installed.map((name) => [name, measured.packages[name] ?? 0]));
  const total = measured.rest + sum(layers.map(({ packageBytes, fileBytes }) => packageBytes + fileBytes));
  return { total, generated: measured.rest, layers, packages, files: measured.files };
}

/** Every installed package, under the first layer that needs it. What nobody asked for (the essential ones) is the first layer's. */
function toPackagesByLayer(image: Image, status: string): Map<string, string[]> {
  const installed = parseStanzas(status)
    .filter((stanza) => stanza.Status === 'install ok installed')
    .map(toDependent);
  const known = new Set<string>();
  const byLayer = new Map<string, string[]>();
  const essential = installed.filter((dependent) => dependent.essential).map(({ name }) => name);
  for (const [index, layer] of image.layers.entries()) {
    const asked = layer.packages.map(({ name }) => name);
    const names = findNeeded(installed, index === 0 ? [...essential, ...asked] : asked, known);
    for (const name of names) known.add(name);
    byLayer.set(layer.name, names);
  }
  const unasked = installed.map(({ name }) => name).filter((name) => !known.has(name));
  const [first] = image.layers;
  byLayer.set(first!.name, [...byLayer.get(first!.name)!, ...unasked].sort());
  return byLayer;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
