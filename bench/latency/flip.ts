import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { golden } from '../../images/golden/image.ts';
import { needs } from '../../images/golden/needs.ts';
import { runInside } from '../../images/src/enter-root.ts';
import { readLock } from '../../images/src/lock.ts';
import { toPaths } from '../../images/src/paths.ts';
import { toProgress } from '../../images/src/progress.ts';
import { makeBuilder, rootOf } from '../../images/src/stages.ts';
import type { Clone, CloneProgram } from '../kit/clone.ts';
import { SCENES, type SceneName } from './scenes.ts';

const SOURCE = join(import.meta.dirname, '../targets/flip.c');
const FLIP = '/tmp/flip';
const COMPILE = ['gcc', '-O2', '-std=gnu17', '-Wall', '-Wextra', '-Werror', '-o', '/build/flip', '/build/flip.c', '-lxcb'];

/** Compiles bench/targets/flip.c into `dir`, in the image's builder root: for the image's libraries, with nothing of this host. Gives its path. */
export async function compileFlip(dir: string): Promise<string> {
  const paths = toPaths(process.env);
  const build = { image: golden, needs, paths, variant: 'lz4' as const, env: process.env, progress: toProgress() };
  const builder = await makeBuilder(build, await readLock(paths.locks, 'builder'));
  await copyFile(SOURCE, join(dir, 'flip.c'));
  await runInside(paths.cache, rootOf(builder), COMPILE, { binds: [{ from: dir, to: '/build', writable: true }] });
  return join(dir, 'flip');
}

export function copyFlip(clone: Clone, path: string): Promise<void> {
  return clone.copyIn(path, FLIP);
}

/** Puts a scene on the desktop, its first picture shown. */
export async function startFlip(clone: Clone, scene: SceneName): Promise<CloneProgram> {
  const program = clone.start([FLIP, ...SCENES[scene].flip.map(String)]);
  await program.waitUntil('window', () => program.lines[0] === 'ready');
  return program;
}

/** When the X server had drawn each press's picture, ms since 1970. */
export function toPaints({ lines }: CloneProgram): number[] {
  return lines.slice(1).map((line) => Number(line.split(' ')[2]));
}
