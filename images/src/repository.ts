import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toDebPath } from './debs.ts';
import type { Lock, LockedPackage } from './lock.ts';
import { run } from './run.ts';

const AT_ONCE = 4;

/**
 * An apt repository with the locked packages and nothing else, so that apt can choose no other version. It needs no signature:
 * every .deb was checked against the lock.
 */
export async function writeRepository(dir: string, lock: Lock, cache: string): Promise<void> {
  const binary = join(dir, 'dists', lock.suite, 'main', `binary-${lock.architecture}`);
  await mkdir(binary, { recursive: true });
  await mkdir(join(dir, 'pool'));
  const queue = [...lock.packages.entries()];
  const stanzas: string[] = [];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [index, locked] = next;
      await symlink(toDebPath(cache, locked), join(dir, toPoolPath(locked)));
      stanzas[index] = toStanza(await run(['dpkg-deb', '--field', toDebPath(cache, locked)]), locked);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await writeFile(join(binary, 'Packages'), stanzas.join('\n'));
  await writeFile(join(dir, 'dists', lock.suite, 'Release'), toRelease(lock));
}

export function toPoolPath({ name, sha256 }: Pick<LockedPackage, 'name' | 'sha256'>): string {
  return `pool/${name}_${sha256.slice(0, 16)}.deb`;
}

/** Stanza of a Packages file: the .deb's own control fields and where it is. */
export function toStanza(control: string, locked: Pick<LockedPackage, 'name' | 'sha256' | 'size'>): string {
  return `${control.trimEnd()}\nFilename: ${toPoolPath(locked)}\nSize: ${locked.size}\nSHA256: ${locked.sha256}\n`;
}

/** mmdebstrap narrows `?essential` by the code name: it must be the suite's. */
export function toRelease({ suite, architecture }: Pick<Lock, 'suite' | 'architecture'>): string {
  return `Suite: ${suite}\nCodename: ${suite}\nArchitectures: ${architecture}\nComponents: main\n`;
}
