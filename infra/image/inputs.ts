import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What the image and the kernel are made of, by what a plan says when it has changed; paths of the repository. */
export const INPUTS = {
  lock: ['images/lock', 'images/golden/tools'],
  layers: ['image.ts', 'layer.ts', 'layers', 'needs.ts', 'tools.ts'].map((name) => `images/golden/${name}`),
  // The guest is bundled with the contract that it has with the controller.
  rootfs: ['images/golden/rootfs', 'guest', 'controller/src/contract', 'package-lock.json'],
  kernel: ['images/golden/kernel'],
  builder: ['images/src', 'scripts/build-image.ts', 'scripts/image'],
} satisfies Record<string, readonly string[]>;

const LEFT_OUT = new Set(['test', 'node_modules', 'dist', '.tmp']);

/** A hash for each of them: of paths, modes and contents, in order. */
export function toInputHashes(repository: string, inputs: Record<string, readonly string[]> = INPUTS): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, paths]) => {
      const hash = createHash('sha256');
      for (const path of paths.flatMap((one) => listFiles(repository, one))) {
        const mode = (statSync(join(repository, path)).mode & 0o111) === 0 ? '644' : '755';
        const content = createHash('sha256').update(readFileSync(join(repository, path)));
        hash.update(`${mode} ${content.digest('hex')} ${path}\n`);
      }
      return [name, hash.digest('hex')];
    }),
  );
}

function listFiles(repository: string, path: string): string[] {
  const isFolder = statSync(join(repository, path)).isDirectory();
  if (!isFolder) return [path];
  const entries = readdirSync(join(repository, path), { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.has(name));
  return entries
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => listFiles(repository, `${path}/${name}`));
}
