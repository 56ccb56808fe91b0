import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { runInside } from './enter-root.ts';
import { readTree } from './tree.ts';

/** All that decides the bytes of guest/native's programs; its hash is the stage's key. */
export interface NativePlan {
  builder: string;
  sources: Record<string, string>;
  argv: string[];
  epoch: number;
}

const SOURCE = '/build/native';

export async function planNative(builder: string, folder: string, epoch: number): Promise<NativePlan> {
  return { builder, epoch, sources: await readTree(folder), argv: ['make', '-C', SOURCE, 'OUT=/build/out', 'CFLAGS=-O2'] };
}

/** Compiles guest/native in the builder root into `dir`. */
export async function buildNative(plan: NativePlan, builderRoot: string, folder: string, cache: string, dir: string): Promise<void> {
  const source = join(dir, '..', 'native');
  await cp(folder, source, { recursive: true });
  const binds = [
    { from: source, to: SOURCE, writable: true as const },
    { from: dir, to: '/build/out', writable: true as const },
  ];
  await runInside(cache, builderRoot, plan.argv, { binds, env: { SOURCE_DATE_EPOCH: String(plan.epoch) } });
}
