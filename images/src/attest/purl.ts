import type { LockedPackage } from '../lock.ts';

/** Versions of Debian by suite: scanners know it by number. */
const RELEASES: Record<string, string> = { bookworm: 'debian-12', trixie: 'debian-13', forky: 'debian-14' };

/** Package URL of a .deb: https://github.com/package-url/purl-spec. */
export function toDebUrl({
  name,
  version,
  architecture,
  suite,
}: Pick<LockedPackage, 'name' | 'version' | 'architecture' | 'suite'>): string {
  const base = suite.replace(/-security$|-updates$/, '');
  return `pkg:deb/debian/${encode(name)}@${encode(version)}?arch=${architecture}&distro=${RELEASES[base] ?? base}`;
}

export function toNpmUrl(name: string, version: string): string {
  return `pkg:npm/${name.split('/').map(encode).join('/')}@${encode(version)}`;
}

/** The colon of a Debian version stays as it is; everything else as encodeURIComponent has it, the plus sign included. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll('%3A', ':');
}
