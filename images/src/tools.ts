import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TOOL_COMMANDS } from '../golden/tools.ts';
import type { NpmLock } from './npm-lock.ts';
import { run } from './run.ts';

/** Where the tools are in an image that has them. */
export const TOOLS_FOLDER = '/opt/oriel-tools';

/** All that decides the tools' bytes; its hash is the stage's key. */
export interface ToolsPlan {
  /** Of npm, which unpacks them. */
  npm: Record<string, string>;
  /** Version and integrity of each package, by where it is. */
  packages: Record<string, string>;
  argv: string[];
}

export async function readToolsLock(golden: string): Promise<NpmLock> {
  return (JSON.parse(await readFile(join(golden, 'tools/package-lock.json'), 'utf8')) as { packages: NpmLock }).packages;
}

export function planTools(lock: NpmLock, npm: Record<string, string>): ToolsPlan {
  const packages = Object.entries(lock).filter(([place]) => place !== '');
  return {
    npm,
    packages: Object.fromEntries(packages.map(([place, { version, integrity = '' }]) => [place, `${version} ${integrity}`])),
    // What they are for, and not what this host is; and no script of theirs is run here.
    argv: ['ci', '--ignore-scripts', '--omit=dev', '--os=linux', '--cpu=x64', '--libc=glibc', '--no-bin-links', '--loglevel=error'],
  };
}

/** The tools as npm unpacks them, by their lock. This one stage asks npm's registry, as `just modules` does. */
export async function buildTools(plan: ToolsPlan, golden: string, repository: string, env: NodeJS.ProcessEnv, dir: string): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) await copyFile(join(golden, 'tools', name), join(dir, name));
  await copyFile(join(repository, '.npmrc'), join(dir, '.npmrc'));
  const npm = join(repository, 'node_modules/npm/bin/npm-cli.js');
  await run([process.execPath, npm, ...plan.argv], { cwd: dir, env: toStrings(env) });
  for (const name of ['.npmrc', 'package-lock.json', 'node_modules/.package-lock.json']) await rm(join(dir, name), { force: true });
}

/** Where the lock's packages are in the image, of those that were unpacked for its platform. */
export function toToolPlaces(lock: NpmLock, isThere: (place: string) => boolean): NpmLock {
  const there = Object.entries(lock).filter(([place]) => place !== '' && isThere(place));
  return Object.fromEntries(there.map(([place, found]) => [`${TOOLS_FOLDER.slice(1)}/${place}`, found]));
}

/** Commands on the desktop's path. */
export function toToolLinks(): Record<string, string> {
  return Object.fromEntries(Object.entries(TOOL_COMMANDS).map(([name, path]) => [`/usr/local/bin/${name}`, `${TOOLS_FOLDER}/${path}`]));
}

function toStrings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
