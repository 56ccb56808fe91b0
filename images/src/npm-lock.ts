import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError } from './errors.ts';

/** What package-lock.json says of a package that is installed. One without `integrity` came inside of another's archive. */
export interface LockedNpm {
  version: string;
  integrity?: string;
  license?: string;
}

/** Packages of package-lock.json by where they are installed: `node_modules/a/node_modules/b`. */
export type NpmLock = Record<string, LockedNpm>;

export async function readNpmLock(repository: string): Promise<NpmLock> {
  return (JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as { packages: NpmLock }).packages;
}

/** Integrity of npm packages as package-lock.json has it. */
export async function readIntegrity(repository: string, names: readonly string[]): Promise<Record<string, string>> {
  const packages = await readNpmLock(repository);
  return Object.fromEntries(
    names.map((name) => {
      const locked = packages[`node_modules/${name}`];
      if (!locked?.integrity) throw new BuildError(`package-lock.json has no integrity for ${name}`);
      return [name, `${locked.version} ${locked.integrity}`];
    }),
  );
}

/** What the lock says of the package in a place; BuildError when it knows none. */
export function findNpm(lock: NpmLock, place: string): LockedNpm {
  const found = lock[place];
  if (!found) throw new BuildError(`package-lock.json has no ${place}`);
  return found;
}

/** Name of a package from where it is installed. */
export function toNpmName(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
