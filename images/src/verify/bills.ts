import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CYCLONEDX, MANIFEST, SPDX } from '../attest/describe.ts';
import type { Manifest } from '../manifest.ts';
import { readInstalled } from './installed.ts';

/** What one document says: which image, and which Debian packages, as `name version`. */
interface Listed {
  image: string;
  packages: string[];
}

/** Whether manifest and SBOMs list exactly the packages that dpkg's own record inside of the image has. */
export async function checkBills(
  dir: string,
  manifest: Manifest,
  read: (rootfs: string) => Promise<Manifest['packages']> = readInstalled,
): Promise<string[]> {
  const cyclonedx = await readListed(join(dir, CYCLONEDX), parseCycloneDx);
  const spdx = await readListed(join(dir, SPDX), parseSpdx);
  const listed = { [MANIFEST]: { image: manifest.id, packages: manifest.packages.map(toLine) }, [CYCLONEDX]: cyclonedx, [SPDX]: spdx };
  const installed = await read(join(dir, 'rootfs.erofs')).catch((error: Error) => error.message.trim().replace(/\s*\n\s*/g, ' '));
  if (typeof installed === 'string') return [`rootfs.erofs: its packages cannot be read: ${installed}`];
  return Object.entries(listed).flatMap(([file, found]) => {
    if (typeof found === 'string') return [`${file}: ${found}`];
    const other = found.image === manifest.id ? [] : [`${file}: describes image ${found.image}, ${MANIFEST} is of ${manifest.id}`];
    return [...other, ...diff(file, found.packages, installed.map(toLine))];
  });
}

function diff(file: string, listed: readonly string[], installed: readonly string[]): string[] {
  const [inFile, inImage] = [new Set(listed), new Set(installed)];
  return [
    ...[...inImage].filter((line) => !inFile.has(line)).map((line) => `${file}: lacks ${line}, which the image has`),
    ...[...inFile].filter((line) => !inImage.has(line)).map((line) => `${file}: has ${line}, which the image has not`),
  ];
}

async function readListed(path: string, parse: (document: never) => Listed): Promise<Listed | string> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return 'is missing';
  try {
    return parse(JSON.parse(text) as never);
  } catch {
    return 'is no SBOM of an image';
  }
}

interface CycloneDx {
  metadata: { component: { hashes: { content: string }[] } };
  components: { name: string; version: string; purl?: string }[];
}

function parseCycloneDx({ metadata, components }: CycloneDx): Listed {
  const debs = components.filter(({ purl }) => purl?.startsWith('pkg:deb/'));
  return { image: metadata.component.hashes[0]!.content, packages: debs.map(toLine) };
}

interface Spdx {
  packages: {
    name: string;
    versionInfo: string;
    primaryPackagePurpose?: string;
    checksums?: { checksumValue: string }[];
    externalRefs?: { referenceLocator: string }[];
  }[];
}

function parseSpdx({ packages }: Spdx): Listed {
  const image = packages.find(({ primaryPackagePurpose }) => primaryPackagePurpose === 'OPERATING_SYSTEM');
  const debs = packages.filter(({ externalRefs }) => externalRefs?.some(({ referenceLocator }) => referenceLocator.startsWith('pkg:deb/')));
  return {
    image: image!.checksums![0]!.checksumValue,
    packages: debs.map(({ name, versionInfo }) => toLine({ name, version: versionInfo })),
  };
}

function toLine({ name, version }: { name: string; version: string }): string {
  return `${name} ${version}`;
}
