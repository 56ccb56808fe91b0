/** What of a package's control fields decides who needs whom. */
export interface Dependent {
  name: string;
  essential: boolean;
  /** Each a list of alternatives, by name. */
  depends: string[][];
  provides: string[];
}

/** From a stanza of dpkg's status or of a .deb. Versions are left out: what is here together was chosen together. */
export function toDependent(stanza: Record<string, string>): Dependent {
  const fields = [stanza['Pre-Depends'], stanza.Depends].filter((field) => field !== undefined);
  return {
    name: stanza.Package!,
    essential: stanza.Essential === 'yes',
    depends: fields.flatMap((field) => field.split(',').map((clause) => clause.split('|').map(toName))),
    provides: stanza.Provides?.split(',').map(toName) ?? [],
  };
}

/** The named packages and all that they need of `all`, without those that are in `known` already. */
export function findNeeded(all: readonly Dependent[], names: Iterable<string>, known: ReadonlySet<string> = new Set()): string[] {
  const byName = toIndex(all);
  const found = new Set<string>();
  const queue = [...names].flatMap((name) => byName.get(name) ?? []);
  for (let next = queue.shift(); next; next = queue.shift()) {
    if (found.has(next.name) || known.has(next.name)) continue;
    found.add(next.name);
    queue.push(...next.depends.flat().flatMap((name) => byName.get(name) ?? []));
  }
  return [...found].sort();
}

/** By name and by what they provide. */
function toIndex(all: readonly Dependent[]): Map<string, Dependent[]> {
  const index = new Map<string, Dependent[]>();
  for (const dependent of all) {
    for (const name of new Set([dependent.name, ...dependent.provides])) index.set(name, [...(index.get(name) ?? []), dependent]);
  }
  return index;
}

/** `libc6:amd64 (>= 2.41) [amd64]` is libc6. */
function toName(clause: string): string {
  return clause.trim().split(/[\s:(\[]/)[0]!;
}
