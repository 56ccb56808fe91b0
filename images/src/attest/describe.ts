import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageLocks } from '../lock.ts';
import type { Manifest } from '../manifest.ts';
import type { NpmLock } from '../npm-lock.ts';
import { toTextFile, type PublishedFile } from '../publish.ts';
import { sortComponents, toDebComponents, toFileComponents, toNpmComponents, type Bill, type OwnParts } from './bill.ts';
import { toCycloneDx } from './cyclonedx.ts';
import { toDebMaterials, toNpmMaterials, type BuildFacts } from './provenance.ts';
import { toSpdx } from './spdx.ts';

/** Names of the files beside an image that say what it is. */
export const MANIFEST = 'manifest.json';
export const CYCLONEDX = 'sbom.cdx.json';
export const SPDX = 'sbom.spdx.json';

/** Everything that an image's description is made from; nothing in it depends on where or when it was built. */
export interface Described {
  manifest: Manifest;
  locks: ImageLocks;
  npmLock: NpmLock;
  /** Version of Oriel. */
  version: string;
  own: OwnParts;
  /** SPDX expressions by Debian package. */
  licences: Record<string, string>;
  /** Where package-lock.json has what compiled and bundled. */
  tools: readonly string[];
}

/** Manifest and both SBOMs. */
export function toDescription(described: Described): PublishedFile[] {
  const bill = toBill(described);
  return [
    toTextFile(CYCLONEDX, toCycloneDx(bill)),
    toTextFile(SPDX, toSpdx(bill)),
    toTextFile(MANIFEST, `${JSON.stringify(described.manifest, null, 2)}\n`),
  ];
}

/** How the image was built, for its provenance. */
export function toBuildFacts({ manifest, locks, npmLock, own, tools }: Described): BuildFacts {
  const { suite, layers, epoch, createdFrom, rootfs } = manifest;
  return {
    buildType: 'golden-image/v1',
    externalParameters: { suite, architecture: locks.root.architecture, layers, variant: rootfs.compression },
    internalParameters: { epoch, createdFrom },
    materials: [...toDebMaterials(locks.root), ...toDebMaterials(locks.builder), ...toNpmMaterials([...own.npm, ...tools], npmLock)],
  };
}

/** Version of Oriel, from package.json. */
export async function readVersion(repository: string): Promise<string> {
  return (JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string }).version;
}

function toBill({ manifest, locks, npmLock, version, own, licences }: Described): Bill {
  const components = [
    ...toDebComponents(manifest.packages, locks.root, licences),
    ...toNpmComponents(own.npm, npmLock),
    ...toFileComponents(own.files, version),
  ];
  return {
    product: { name: 'oriel-golden', type: 'operating-system' },
    id: manifest.id,
    version,
    epoch: manifest.epoch,
    components: sortComponents(components),
  };
}
