import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

interface LockedPackage {
  dev?: boolean;
  optional?: boolean;
  dependencies?: Record<string, string>;
}
interface PackageLock {
  packages: Record<string, LockedPackage>;
}

/** What of package.json the controller imports when it runs, by name; the rest builds images, guests and pages. */
export const OF_THE_CONTROLLER = [
  '@fastify/rate-limit',
  '@fastify/static',
  '@fastify/swagger',
  'ajv',
  'fastify',
  'jose',
  'pino',
  'pino-pretty',
  'prom-client',
  'proxy-chain',
  'typebox',
  'ws',
] as const;

export interface Dependencies {
  /** Packages, those of packages included. */
  count: number;
  mib: number;
}

/** Packages that are installed for these, and their size on the disk. */
export function measureDependencies(names: readonly string[]): Dependencies {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as PackageLock;
  const paths = findNeeded(packages, names);
  return { count: paths.length, mib: paths.reduce((sum, path) => sum + sizeOf(join(ROOT, path)), 0) / 2 ** 20 };
}

/** Names in package.json that are installed for production. */
export function listProduction(): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  return Object.keys(dependencies);
}

/** Paths in the lock of these packages and all that they need, found as Node finds them: the nearest node_modules first. */
export function findNeeded(packages: Record<string, LockedPackage>, names: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (from: string, name: string) => {
    const path = resolve(packages, from, name);
    if (path === undefined || found.has(path)) return;
    found.add(path);
    for (const next of Object.keys(packages[path]!.dependencies ?? {})) visit(path, next);
  };
  for (const name of names) visit('', name);
  return [...found];
}

function resolve(packages: Record<string, LockedPackage>, from: string, name: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (packages[path]) return path;
    if (at === '') return undefined;
  }
}

/** Bytes of the files of a package, without those of packages in it, which count for themselves. */
function sizeOf(path: string): number {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
