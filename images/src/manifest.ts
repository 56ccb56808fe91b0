import type { Lock } from './lock.ts';
import type { Image } from '../golden/layer.ts';
import type { Variant } from './pack.ts';
import type { Verity } from './verity.ts';
import type { Sizes } from './sizes.ts';

/** What an image is, beside it as manifest.json. */
export interface Manifest {
  schema: 1;
  /** sha256 of rootfs.erofs: the root, and the hash tree of its blocks behind it. */
  id: string;
  rootfs: { file: 'rootfs.erofs'; bytes: number; compression: Variant };
  verity: Verity;
  /** What it was made from: sha256 of images/lock/root.json and builder.json, and the key of all inputs together. */
  createdFrom: { lock: string; builderLock: string; key: string };
  /** SOURCE_DATE_EPOCH: no file in it is newer. */
  epoch: number;
  suite: string;
  layers: string[];
  /** What dpkg in the image says is installed. */
  packages: { name: string; version: string }[];
  /** npm packages in the image, with their integrity. */
  npm: Record<string, string>;
  /** npm packages of the tools that one signs in to. An image that has any is its operator's own: it is not to be released. */
  tools?: string[];
  sizes: Sizes;
}

export function toManifest(
  image: Image,
  lock: Lock,
  facts: {
    id: string;
    bytes: number;
    variant: Variant;
    verity: Verity;
    packages: Manifest['packages'];
    npm: Record<string, string>;
    tools?: string[];
    sizes: Sizes;
    createdFrom: Manifest['createdFrom'];
  },
): Manifest {
  return {
    schema: 1,
    id: facts.id,
    rootfs: { file: 'rootfs.erofs', bytes: facts.bytes, compression: facts.variant },
    verity: facts.verity,
    createdFrom: facts.createdFrom,
    epoch: lock.epoch,
    suite: lock.suite,
    layers: image.layers.map(({ name }) => name),
    packages: facts.packages,
    npm: facts.npm,
    ...(facts.tools?.length && { tools: facts.tools }),
    sizes: facts.sizes,
  };
}

/** Lines `name version` of dpkg-query. */
export function parsePackages(text: string): Manifest['packages'] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' '))
    .map(([name, version]) => ({ name: name!, version: version! }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
