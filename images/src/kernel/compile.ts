import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KERNEL_OPTIONS, toFragment, type KernelOption } from '../../golden/kernel/options.ts';
import { runInside, type Bind } from '../enter-root.ts';
import { KernelConfigDiffers } from '../errors.ts';
import type { Step } from '../progress.ts';

/** All that decides the kernel's bytes; its hash is the stage's key. */
export interface KernelPlan {
  builder: string;
  /** Debian's package with the sources. */
  source: string;
  fragment: string;
  /** The whole config as it is committed. */
  config: string;
  /** sha256 of each script that is run. */
  scripts: Record<string, string>;
  epoch: number;
}

const INSIDE = join(import.meta.dirname, '../inside');
const SCRIPTS = ['kernel-config.sh', 'kernel-build.sh'] as const;
const DIFFERENCES_SHOWN = 20;

export async function planKernel(builder: string, source: string, configPath: string, epoch: number): Promise<KernelPlan> {
  const config = await readFile(configPath, 'utf8').catch(() => '');
  const scripts = await Promise.all(
    SCRIPTS.map(
      async (name) =>
        [
          name,
          createHash('sha256')
            .update(await readFile(join(INSIDE, name)))
            .digest('hex'),
        ] as const,
    ),
  );
  return { builder, source, fragment: toFragment(), config, scripts: Object.fromEntries(scripts), epoch };
}

/** Compiles into `dir`: vmlinux, bzImage, config, release. Throws KernelConfigDiffers before it does. */
export async function buildKernel(plan: KernelPlan, builderRoot: string, cache: string, dir: string, step?: Step): Promise<void> {
  const work = join(dir, '..', 'kernel');
  const resolved = await configureKernel(plan, builderRoot, cache, work);
  const wrong = [...findLost(resolved), ...findDifferences(plan.config, resolved)];
  if (wrong.length) throw new KernelConfigDiffers(wrong.join('\n'));
  const env = { SOURCE_DATE_EPOCH: String(plan.epoch), KBUILD_BUILD_USER: 'oriel', KBUILD_BUILD_HOST: 'oriel', KBUILD_BUILD_VERSION: '1' };
  await runInside(cache, builderRoot, ['/tmp/inside/kernel-build.sh'], { binds: toBinds(work), env, onLine: (line) => step?.note(line) });
  for (const file of ['vmlinux', 'bzImage', 'config', 'release']) await rename(join(work, 'out', file), join(dir, file));
}

/** Unpacks and configures the kernel in `work`. Gives its config. */
export async function configureKernel(plan: KernelPlan, builderRoot: string, cache: string, work: string): Promise<string> {
  await mkdir(work);
  const env = { SOURCE_DATE_EPOCH: String(plan.epoch) };
  await runInside(cache, builderRoot, ['/tmp/inside/kernel-config.sh', plan.source], { binds: toBinds(work), env, input: plan.fragment });
  return readFile(join(work, '.config'), 'utf8');
}

/** Options that were asked for and are not in the config: kconfig drops silently what it finds no ground for. */
export function findLost(config: string, options: readonly KernelOption[] = KERNEL_OPTIONS): string[] {
  const lines = new Set(config.split('\n'));
  return options
    .filter(({ name, value = 'y' }) =>
      value === 'n' ? lines.has(`CONFIG_${name}=y`) || lines.has(`CONFIG_${name}=m`) : !lines.has(`CONFIG_${name}=${value}`),
    )
    .map(
      ({ name, value = 'y' }) =>
        `kernel: CONFIG_${name}=${value} was asked for and is not in the result: something it depends on is missing`,
    );
}

/** How the config differs from the one that is committed; empty when it does not. */
export function findDifferences(committed: string, resolved: string): string[] {
  if (committed === resolved) return [];
  const before = new Set(committed.split('\n'));
  const after = new Set(resolved.split('\n'));
  const changes = [
    ...[...before].filter((line) => !after.has(line)).map((line) => `  - ${line}`),
    ...[...after].filter((line) => !before.has(line)).map((line) => `  + ${line}`),
  ];
  return [
    'kernel: its config is not images/golden/kernel/resolved.config. Run `just kernel-config`, read the difference, commit it.',
    ...changes.slice(0, DIFFERENCES_SHOWN),
    ...(changes.length > DIFFERENCES_SHOWN ? [`  … ${changes.length - DIFFERENCES_SHOWN} more`] : []),
  ];
}

/** Writes the config that is to be committed. */
export async function writeConfig(path: string, config: string): Promise<void> {
  await writeFile(`${path}.new`, config);
  await rename(`${path}.new`, path);
}

/** The tree is on disk: it takes more than a small host has of memory. */
function toBinds(work: string): Bind[] {
  return [
    { from: INSIDE, to: '/tmp/inside' },
    { from: work, to: '/build', writable: true },
  ];
}
