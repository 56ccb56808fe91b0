import type { IsolatedApt } from './apt.ts';
import { BuildError } from './errors.ts';
import type { LockedPackage } from './lock.ts';
import { parseStanzas } from './sources.ts';

/** A package before its .deb was seen: package lists carry no SHA-1. */
export type ResolvedPackage = Omit<LockedPackage, 'sha1'>;

/** Everything that the requested packages need on an empty system, exactly, sorted by name. */
export async function resolvePackages(
  apt: IsolatedApt,
  suites: readonly string[],
  requested: readonly string[],
): Promise<ResolvedPackage[]> {
  // --print-uris gives the choice and nothing else that can be trusted: for the security suite it prints no hash.
  const chosen = parseUris(await apt.get('-qq', '--print-uris', 'install', '?essential', ...requested));
  const stanzas = await apt.cache('show', ...chosen.map(({ name, version }) => `${name}=${version}`));
  const madison = await apt.cache('madison', ...chosen.map(({ name }) => name));
  return toResolved(chosen, parseStanzas(stanzas), parseMadison(madison), suites);
}

export interface Chosen {
  name: string;
  version: string;
}

/** Lines `'url' name_version_arch.deb size hash` of `apt-get --print-uris`. A colon of the version is written %3a there. */
export function parseUris(text: string): Chosen[] {
  return [...text.matchAll(/^'[^']+' ([^_\s]+)_([^_\s]+)_[^_\s]+\.deb /gm)].map((line) => ({
    name: line[1]!,
    version: decodeURIComponent(line[2]!),
  }));
}

/** Lines `name | version | url suite/component arch Packages` of `apt-cache madison`, as `name version` → suites. */
export function parseMadison(text: string): Map<string, string[]> {
  const suites = new Map<string, string[]>();
  for (const line of text.matchAll(/^\s*(\S+)\s+\|\s+(\S+)\s+\|\s+\S+ ([^/\s]+)\/\S+ \S+ Packages$/gm)) {
    const key = `${line[1]} ${line[2]}`;
    suites.set(key, [...(suites.get(key) ?? []), line[3]!]);
  }
  return suites;
}

export function toResolved(
  chosen: readonly Chosen[],
  stanzas: readonly Record<string, string>[],
  madison: ReadonlyMap<string, string[]>,
  suites: readonly string[],
): ResolvedPackage[] {
  const found = new Map(stanzas.map((stanza) => [`${stanza.Package} ${stanza.Version}`, stanza]));
  return chosen
    .map(({ name, version }) => {
      const stanza = found.get(`${name} ${version}`);
      const suite = suites.find((candidate) => madison.get(`${name} ${version}`)?.includes(candidate));
      if (!stanza?.SHA256 || !stanza.Filename || !suite) throw new BuildError(`apt chose ${name} ${version} and does not describe it`);
      return {
        name,
        version,
        architecture: stanza.Architecture!,
        sha256: stanza.SHA256,
        size: Number(stanza.Size),
        path: stanza.Filename,
        suite,
        // `Source: name (version)` is written only where it differs from the package.
        source: stanza.Source?.split(' ')[0] ?? name,
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
