import { compileTarget } from '../kit/compile.ts';
import type { Clone, CloneProgram } from '../kit/clone.ts';
import { SCENES, type SceneName } from './scenes.ts';

const FLIP = '/tmp/flip';

/** bench/targets/flip.c: for the clone. Gives its path in `dir`. */
export function compileFlip(dir: string): Promise<string> {
  return compileTarget(dir, 'flip', ['-lxcb']);
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
