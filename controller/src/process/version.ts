import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { toOwnFile } from '../own-file.ts';

/** What the controller is a part of: a release (infra/release), or a checkout. */
const ROOT = toOwnFile('../..');

/** Oriel's, as package.json has it. */
export const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** Everything that makes one host's Oriel another's: what `oriel version` says. */
export interface Versions {
  version: string;
  /** Id of the release, its commit, and the image and kernel that came with it; absent in a checkout. */
  release?: { id: string; commit?: string; image: string; kernel: string };
  node: string;
  /** What new machines boot: an id, or the name that is configured when nothing is there yet. */
  image: string;
  kernel: string;
}

/** `root`: folder of the release. */
export function readVersions({ imageDir, image, kernelDir }: Pick<Config, 'imageDir' | 'image' | 'kernelDir'>, root = ROOT): Versions {
  const release = readRelease(root);
  return {
    version: VERSION,
    ...(release && { release }),
    node: process.version.slice(1),
    image: readId(imageDir, image),
    kernel: readId(kernelDir, 'latest'),
  };
}

/** A line each, for people. */
export function toLines({ version, release, node, image, kernel }: Versions): string {
  const lines = [
    ['oriel', version],
    ['release', release ? release.id : 'none: this is a checkout'],
    ...(release ? [['commit', release.commit ?? 'none: made of a tree with changes']] : []),
    ['node', node],
    ['image', release && release.image !== image ? `${image}, not the release’s ${release.image}` : image],
    ['kernel', release && release.kernel !== kernel ? `${kernel}, not the release’s ${release.kernel}` : kernel],
  ];
  return lines.map(([name, value]) => `${name!.padEnd(8)} ${value}\n`).join('');
}

function readRelease(root: string): Versions['release'] {
  try {
    const { commit, image, kernel } = JSON.parse(readFileSync(join(root, 'release.json'), 'utf8')) as {
      commit?: string;
      image: { id: string };
      kernel: { id: string };
    };
    const id = createHash('sha256')
      .update(readFileSync(join(root, 'SHA256SUMS')))
      .digest('hex');
    return { id, ...(commit && { commit }), image: image.id, kernel: kernel.id };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where a link like `latest` leads. */
function readId(dir: string, name: string): string {
  try {
    return readlinkSync(join(dir, name));
  } catch {
    return name;
  }
}
