import { LockInvalid } from '../errors.ts';
import type { Lock, LockedPackage } from '../lock.ts';
import { findNpm, toNpmName, type NpmLock } from '../npm-lock.ts';
import { parseIntegrity, type Digest } from './integrity.ts';
import { toDebUrl, toNpmUrl } from './purl.ts';

/** One thing that a product has: a Debian package, an npm package, a file of Oriel's own. */
export interface Component {
  kind: 'deb' | 'npm' | 'file';
  /** Of a file: its path in the image. */
  name: string;
  version: string;
  /** Package URL; a file has none. */
  purl?: string;
  /** Of the .deb, of npm's archive, of the file. */
  digest?: Digest;
  /** SPDX expression, where it is known. */
  licence?: string;
  /** Debian's source package. */
  source?: string;
}

/** What a bill is of, as SBOMs have it: an image, or the programs of a release. */
export type Product = { name: 'oriel-golden'; type: 'operating-system' } | { name: 'oriel'; type: 'application' };

/** Bill of materials: the data that both SBOM formats are written from. */
export interface Bill {
  product: Product;
  /** sha256 of rootfs.erofs, or of a release's program. */
  id: string;
  /** Version of Oriel. */
  version: string;
  /** When the image's newest package was published, s: the date of the documents. */
  epoch: number;
  components: Component[];
}

/** What is in an image beside Debian's packages. */
export interface OwnParts {
  /** Where package-lock.json has the npm packages that are in the image, whole or in a bundle. */
  npm: readonly string[];
  /** sha256 of Oriel's own files, by path in the image. */
  files: Readonly<Record<string, string>>;
}

/** Debian packages that the image really has. Hashes are the lock's; LockInvalid when the lock has no such package. */
export function toDebComponents(
  installed: readonly Pick<LockedPackage, 'name' | 'version'>[],
  lock: Pick<Lock, 'packages'>,
  licences: Readonly<Record<string, string>>,
): Component[] {
  const locked = new Map(lock.packages.map((found) => [`${found.name} ${found.version}`, found]));
  return installed.map(({ name, version }) => {
    const found = locked.get(`${name} ${version}`);
    if (!found) throw new LockInvalid(`the image has ${name} ${version}, which is not in the lock: run \`just lock\``);
    const digest: Digest = { algorithm: 'sha256', hex: found.sha256 };
    return { kind: 'deb', name, version, purl: toDebUrl(found), digest, source: found.source, ...toLicence(licences[name]) };
  });
}

/** npm packages. What npm's own archive has inside comes with it. */
export function toNpmComponents(places: readonly string[], lock: NpmLock): Component[] {
  const inside = Object.keys(lock).filter((place) => places.some((outer) => place.startsWith(`${outer}/node_modules/`)));
  const components = [...new Set([...places, ...inside])].map((place): Component => {
    const found = findNpm(lock, place);
    const name = toNpmName(place);
    const digest = found.integrity ? { digest: parseIntegrity(found.integrity) } : {};
    return { kind: 'npm', name, version: found.version, purl: toNpmUrl(name, found.version), ...digest, ...toLicence(found.license) };
  });
  return [...new Map(components.map((component) => [component.purl, component])).values()];
}

export function toFileComponents(files: OwnParts['files'], version: string): Component[] {
  return Object.entries(files).map(([name, hex]) => ({ kind: 'file', name, version, digest: { algorithm: 'sha256', hex } }));
}

/** In one order, whatever order they were found in. */
export function sortComponents(components: readonly Component[]): Component[] {
  const key = ({ kind, name, version }: Component) => `${kind} ${name} ${version}`;
  return [...components].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function toLicence(licence: string | undefined): { licence?: string } {
  return licence ? { licence } : {};
}
