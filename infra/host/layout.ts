import { join } from 'node:path';

/** Where Oriel is on a host. What is under `data` and `settings` outlives every release. */
export interface Layout {
  /** Releases by their ids. */
  releases: string;
  /** Links to the release that runs, and to the one before it. */
  current: string;
  previous: string;
  units: string;
  settings: string;
  env: string;
  /** What variables name: a file each, for root alone. */
  secrets: string;
  data: string;
  images: string;
  kernels: string;
}

/** `root`: another place than `/`, for tests. */
export function toLayout(root = '/'): Layout {
  const at = (path: string) => join(root, path);
  return {
    releases: at('opt/oriel/releases'),
    current: at('opt/oriel/current'),
    previous: at('opt/oriel/previous'),
    units: at('etc/systemd/system'),
    settings: at('etc/oriel'),
    env: at('etc/oriel/oriel.env'),
    secrets: at('etc/oriel/secrets'),
    data: at('var/lib/oriel'),
    images: at('var/lib/oriel/images'),
    kernels: at('var/lib/oriel/kernels'),
  };
}
