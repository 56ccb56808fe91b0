import { cpSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** All that a release is made of but npm's packages; `tsconfig.json` has a say in what esbuild writes. */
const PARTS = [
  ...['controller', 'guest', 'images/src', 'images/golden', 'infra'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'LICENSE', 'CHANGELOG.md'],
];

/** Copies it to another place, which is to get `node_modules` of its own. */
export function copyReleaseTree(to: string): void {
  const isWanted = (path: string) => !/\/(dist|test|cdktf\.out)$/.test(path);
  for (const path of PARTS) cpSync(join(ROOT, path), join(to, path), { recursive: true, filter: isWanted });
}
