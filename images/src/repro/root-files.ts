import { run } from '../run.ts';
import { IN_OWN_NAMESPACE_OFFLINE } from '../namespace.ts';

/** One path of a root filesystem. */
export interface Entry {
  /** f, d, l … as find(1) says. */
  type: string;
  mode: string;
  owner: string;
  /** Seconds since 1970. */
  mtime: string;
  link: string;
  /** Of files. */
  sha256?: string;
}

/** Mounts at $2 and tells all of it; the mount goes with the namespace. */
const LIST = String.raw`
mount -t erofs -o loop,ro "$1" "$2"
cd "$2"
find . -printf '%y|%m|%U:%G|%T@|%l|%P\0'
find . -type f -print0 | xargs -0 -r sha256sum -z --`;

/** Every path of an EROFS image. `mountPoint` is an empty folder. */
export async function listRoot(image: string, mountPoint: string): Promise<Map<string, Entry>> {
  return parseList(await run([...IN_OWN_NAMESPACE_OFFLINE, '--', 'sh', '-euc', LIST, 'list', image, mountPoint]));
}

export function parseList(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  for (const line of text.split('\0')) {
    const [, sha256, file] = /^([0-9a-f]{64}) [ *]\.(\/.*)$/s.exec(line) ?? [];
    if (file) entries.get(file)!.sha256 = sha256!;
    else if (line) entries.set(...parseEntry(line));
  }
  return entries;
}

function parseEntry(line: string): [string, Entry] {
  const [type = '', mode = '', owner = '', mtime = '', link = '', ...path] = line.split('|');
  return [`/${path.join('|')}`, { type, mode, owner, mtime: mtime.replace(/\.0*$/, ''), link }];
}

/** What differs, by path: `/etc/motd: bytes, mtime 1 → 2`. Empty for two roots with the same files. */
export function diffRoots(first: ReadonlyMap<string, Entry>, second: ReadonlyMap<string, Entry>): string[] {
  const paths = [...new Set([...first.keys(), ...second.keys()])].sort();
  return paths.flatMap((path) => {
    const [one, other] = [first.get(path), second.get(path)];
    if (!one || !other) return [`${path}: only in the ${one ? 'first' : 'second'}`];
    const differences = diffEntries(one, other);
    return differences.length > 0 ? [`${path}: ${differences.join(', ')}`] : [];
  });
}

function diffEntries(one: Entry, other: Entry): string[] {
  const fields = ['type', 'mode', 'owner', 'mtime', 'link'] as const;
  const changed = fields.filter((field) => one[field] !== other[field]).map((field) => `${field} ${one[field]} → ${other[field]}`);
  return one.sha256 === other.sha256 ? changed : ['bytes', ...changed];
}
