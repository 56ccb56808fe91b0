import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toBuildFacts, toDescription, type Described } from '../../src/attest/describe.ts';
import { toProvenanceFile } from '../../src/attest/provenance-file.ts';
import { publishFiles, toMovedFile } from '../../src/publish.ts';
import { describeGolden } from '../attest/fixture.ts';

export const keys = generateKeyPairSync('ed25519');
export const others = generateKeyPairSync('ed25519');

/** Publishes an image of a root filesystem as the build does. Gives its folder. `change` makes its description lie. */
export async function publishImage(
  images: string,
  rootfs: string,
  packages: Described['manifest']['packages'],
  key: KeyObject | undefined,
  change: (described: Described) => Described = (described) => described,
): Promise<string> {
  const file = await toMovedFile('rootfs.erofs', rootfs);
  const golden = await describeGolden(file.sha256, (await stat(rootfs)).size);
  const described = change({ ...golden, manifest: { ...golden.manifest, packages } });
  const files = [file, ...toDescription(described)];
  await publishFiles(images, file.sha256, [...files, await toProvenanceFile('', toBuildFacts(described), files, key)]);
  return join(images, file.sha256);
}

/** Packages that the golden image's lock has. */
export async function pick(...names: string[]): Promise<Described['manifest']['packages']> {
  const { manifest } = await describeGolden('');
  return manifest.packages.filter(({ name }) => names.includes(name));
}
