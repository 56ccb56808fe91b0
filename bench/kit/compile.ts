import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../images/golden/image.ts';
import { needs } from '../../images/golden/needs.ts';
import { runInside } from '../../images/src/enter-root.ts';
import { readLock } from '../../images/src/lock.ts';
import { toPaths } from '../../images/src/paths.ts';
import { toProgress } from '../../images/src/progress.ts';
import { makeBuilder, rootOf } from '../../images/src/stages.ts';

const TARGETS = join(import.meta.dirname, '../targets');
const COMPILE = ['gcc', '-O2', '-std=gnu17', '-Wall', '-Wextra', '-Werror'];

/** Compiles bench/targets/NAME.c into `dir`, in the image's builder root: for the image's libraries, with nothing of this host. Gives its path. */
export async function compileTarget(dir: string, name: string, words: readonly string[]): Promise<string> {
  const paths = toPaths(process.env);
  const build = { image: golden, needs, paths, variant: 'lz4' as const, env: process.env, progress: toProgress() };
  const builder = await makeBuilder(build, await readLock(paths.locks, 'builder'));
  await copyFile(join(TARGETS, `${name}.c`), join(dir, `${name}.c`));
  const argv = [...COMPILE, '-o', `/build/${name}`, `/build/${name}.c`, ...words];
  await runInside(paths.cache, rootOf(builder), argv, { binds: [{ from: dir, to: '/build', writable: true }] });
  return join(dir, name);
}
