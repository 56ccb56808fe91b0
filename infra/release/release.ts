/** Names of the files that say what a release is. */
export const RELEASE = 'release.json';
/** How it was made: what its provenance states of it, so that the provenance too is covered by the sums. */
export const BUILD = 'build.json';
/** As `sha256sum --check` reads it. Its own sha256 is the release's id. */
export const SUMS = 'SHA256SUMS';

/** What is in a release, for people and programs: `release.json`. */
export interface Release {
  schema: 1;
  version: string;
  /** The commit that it was made from; none when the tree had changes of its own. */
  commit?: string;
  /** Node's, which is in it. */
  node: string;
  /** Ids of the golden image and the guest kernel in it. */
  image: { id: string; epoch: number };
  kernel: { id: string; release: string };
  /** Every other file but the sums and the provenance, sorted by path. */
  files: ReleaseFile[];
}

/** A file of a release. */
export interface ReleaseFile {
  /** Relative to the release, with slashes. */
  path: string;
  /** Permissions, octal: `644`. Owner is whoever unpacks it. */
  mode: '444' | '644' | '755';
  bytes: number;
  sha256: string;
}

/** Text of the sums: a line each, sorted by path. */
export function toSums(files: readonly Pick<ReleaseFile, 'path' | 'sha256'>[]): string {
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sha256 }) => `${sha256}  ${path}\n`)
    .join('');
}

/** The sums in a text; undefined when a line is none. */
export function parseSums(text: string): Map<string, string> | undefined {
  const lines = text.split('\n').filter(Boolean);
  const found = lines.flatMap((line) => {
    const [, sha256, path] = /^([0-9a-f]{64}) {2}([^/].*)$/.exec(line) ?? [];
    return sha256 && path && !path.split('/').includes('..') ? [[path, sha256] as const] : [];
  });
  return found.length === lines.length && lines.length > 0 ? new Map(found) : undefined;
}
