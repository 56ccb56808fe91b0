import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { IN_OWN_NAMESPACE_OFFLINE } from './namespace.ts';
import { CLEAN_ENV, run, type RunOptions } from './run.ts';
import { withTemporary } from './stage.ts';

/** A folder of the host, seen inside a root. */
export interface Bind {
  from: string;
  to: string;
  writable?: true;
}

export interface EnterOptions extends Pick<RunOptions, 'input' | 'onLine'> {
  env?: Record<string, string>;
  binds?: readonly Bind[];
}

/** Runs a command inside a root (a folder or an EROFS image), offline. The root is not changed. Gives its standard output. */
export function runInside(
  cache: string,
  root: string,
  argv: readonly string[],
  { env = {}, binds = [], ...options }: EnterOptions = {},
): Promise<string> {
  return withTemporary(cache, async (dir) => {
    const scratch = join(dir, 'scratch');
    await mkdir(scratch);
    const variables = Object.entries({ ...CLEAN_ENV, HOME: '/tmp', ...env }).map(([name, value]) => `${name}=${value}`);
    return run(toEnterArgv(scratch, root, binds, ['env', '-i', ...variables, ...argv]), options);
  });
}

export function toEnterArgv(scratch: string, root: string, binds: readonly Bind[], argv: readonly string[]): string[] {
  const words = binds.map(({ from, to, writable }) => `${from}:${to}:${writable ? 'rw' : 'ro'}`);
  return [...IN_OWN_NAMESPACE_OFFLINE, '--', join(import.meta.dirname, 'enter-root.sh'), scratch, root, ...words, '--', ...argv];
}
