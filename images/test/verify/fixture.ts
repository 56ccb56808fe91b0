import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toBuildFacts, toDescription, type Described } from '../../src/attest/describe.ts';
import { toProvenanceFile } from '../../src/attest/provenance-file.ts';
import { golden } from '../../golden/image.ts';
import { publishFiles, toMovedFile } from '../../src/publish.ts';
import { hashBlocks, planVerity, toVerity, type Verity } from '../../src/verity.ts';
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
  const verity = await hashRoot(rootfs);
  const file = await toMovedFile('rootfs.erofs', rootfs);
  const known = await describeGolden(file.sha256, (await stat(rootfs)).size);
  const described = change({ ...known, manifest: { ...known.manifest, packages, verity } });
  const files = [file, ...toDescription(described)];
  await publishFiles(images, file.sha256, [...files, await toProvenanceFile('', toBuildFacts(described), files, key)]);
  return join(images, file.sha256);
}

/** Appends a hash tree, as veritysetup does, but with an empty superblock. A root that is no whole number of blocks is left as it is. */
async function hashRoot(rootfs: string): Promise<Verity> {
  const { size } = await stat(rootfs);
  const plan = planVerity(golden.uuid);
  const { rootHash, tree } = await hashBlocks(rootfs, size / 4096, plan.salt);
  if (size % 4096 === 0) await appendFile(rootfs, Buffer.concat([Buffer.alloc(4096), tree]));
  return toVerity(plan, size, rootHash);
}

/** Packages that the golden image's lock has. */
export async function pick(...names: string[]): Promise<Described['manifest']['packages']> {
  const { manifest } = await describeGolden('');
  return manifest.packages.filter(({ name }) => names.includes(name));
}
