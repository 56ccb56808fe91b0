import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from '../golden/layer.ts';
import type { Needs } from '../golden/needs.ts';
import { runInside } from './enter-root.ts';
import { ImageIncomplete } from './errors.ts';
import { parsePackages, type Manifest } from './manifest.ts';

const SCRIPT = join(import.meta.dirname, 'inside/check.ts');

/** What an image must be. `inside/check.ts` compares it with what it is, run by the image's own Node. */
export interface CheckPlan {
  needs: Needs;
  users: Image['users'];
  links: Image['links'];
  epoch: number;
  /** sha256 of the script: a changed check is a reason to check again. */
  script: string;
}

export async function planCheck(image: Image, needs: Needs, epoch: number): Promise<CheckPlan> {
  const script = createHash('sha256')
    .update(await readFile(SCRIPT))
    .digest('hex');
  return { needs, users: image.users, links: image.links, epoch, script };
}

/** Throws ImageIncomplete with everything that is wrong. Gives the packages that dpkg says are installed. */
export async function checkImage(plan: CheckPlan, rootfs: string, cache: string): Promise<Manifest['packages']> {
  // Under /tmp, which is memory: the image's own folders stay as they are.
  const binds = [{ from: join(import.meta.dirname, 'inside'), to: '/tmp/inside' }];
  const [told, packages] = await Promise.all([
    runInside(cache, rootfs, ['node', '/tmp/inside/check.ts'], { binds, input: JSON.stringify(plan) }),
    runInside(cache, rootfs, ['dpkg-query', '--show', '--showformat=${Package} ${Version}\n']),
  ]);
  const wrong = JSON.parse(told) as string[];
  if (wrong.length)
    throw new ImageIncomplete(`The image is not what it must be; the last good one stays.\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  return parsePackages(packages);
}
