import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildError } from './errors.ts';

/** Integrity of npm packages as package-lock.json has it. */
export async function readIntegrity(repository: string, names: readonly string[]): Promise<Record<string, string>> {
  const { packages } = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string; integrity?: string }>;
  };
  return Object.fromEntries(
    names.map((name) => {
      const locked = packages[`node_modules/${name}`];
      if (!locked?.integrity) throw new BuildError(`package-lock.json has no integrity for ${name}`);
      return [name, `${locked.version} ${locked.integrity}`];
    }),
  );
}
