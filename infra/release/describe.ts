import { sortComponents, toNpmComponents, type Bill } from '../../images/src/attest/bill.ts';
import { toCycloneDx } from '../../images/src/attest/cyclonedx.ts';
import { toNpmMaterials, type BuildFacts } from '../../images/src/attest/provenance.ts';
import { toSpdx } from '../../images/src/attest/spdx.ts';
import type { NpmLock } from '../../images/src/npm-lock.ts';
import { NODE_PACKAGE } from './plan.ts';
import type { Release } from './release.ts';

/** npm packages that a release is bundled with. */
const BUNDLER = ['node_modules/esbuild', 'node_modules/@esbuild/linux-x64'];

interface Billed {
  /** sha256 of the controller's program. */
  id: string;
  version: string;
  epoch: number;
  /** npm packages in the programs, as package-lock.json has them. */
  npm: readonly string[];
  lock: NpmLock;
}

/** SBOMs of the release's own programs. The image has its own beside it. */
export function toBills({ id, version, epoch, npm, lock }: Billed): { cyclonedx: string; spdx: string } {
  const components = sortComponents(toNpmComponents([...new Set([NODE_PACKAGE, ...npm])], lock));
  const bill: Bill = { product: { name: 'oriel', type: 'application' }, id, version, epoch, components };
  return { cyclonedx: toCycloneDx(bill), spdx: toSpdx(bill) };
}

/** How the release was made. Image and kernel are made from what their own provenance says. */
export function toReleaseFacts({
  release,
  npm,
  lock,
}: {
  release: Omit<Release, 'files'>;
  npm: readonly string[];
  lock: NpmLock;
}): BuildFacts {
  const { version, commit, image, kernel } = release;
  return {
    buildType: 'release/v1',
    externalParameters: { version, ...(commit && { commit }) },
    internalParameters: { image: image.id, kernel: kernel.id },
    materials: [
      ...toNpmMaterials([NODE_PACKAGE, ...BUNDLER, ...npm], lock),
      { uri: 'pkg:generic/oriel-golden', digest: { sha256: image.id } },
      { uri: 'pkg:generic/oriel-kernel', digest: { sha256: kernel.id } },
      ...(commit ? [{ uri: 'pkg:generic/oriel', digest: { gitCommit: commit } }] : []),
    ],
  };
}
