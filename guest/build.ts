import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const REPOSITORY = join(import.meta.dirname, '..');
const SOURCES = join(import.meta.dirname, 'src');
const PROGRAMS = ['agent', 'auth', 'login', 'websockify'];

/**
 * Bundles what runs in a clone: `agent.mjs` (with the part that is loaded later in a file of its own), `websockify.mjs`, `auth.mjs`, `login.mjs`.
 * The same sources give the same bytes. Native parts are not in here: the image has them beside. Gives the npm packages that
 * are in it, as package-lock.json names them.
 */
export async function buildGuest(outDir: string): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  const { metafile } = await build({
    // esbuild names chunks by a hash of their sources' paths from here, links followed: the checkout's own place must not be in it.
    absWorkingDir: REPOSITORY,
    preserveSymlinks: true,
    entryPoints: Object.fromEntries(PROGRAMS.map((name) => [name, join(SOURCES, name, 'main.ts')])),
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['gstreamer-superficial'],
    // CommonJS dependencies call require for Node's own modules.
    banner: { js: "import { createRequire as createNodeRequire } from 'node:module'; const require = createNodeRequire(import.meta.url);" },
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  return toPackages(metafile);
}

/** Packages with code in the result: what esbuild read and left out is not in the guest. */
export function toPackages({ outputs }: Metafile): string[] {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0));
  const places = files.flatMap(([path]) => /(?:^|\/)((?:node_modules\/(?:@[^/]+\/)?[^/]+\/)+)/.exec(path)?.[1]?.slice(0, -1) ?? []);
  return [...new Set(places)].sort();
}

if (import.meta.main) {
  const [outDir] = process.argv.slice(2);
  if (!outDir) throw new Error('usage: node guest/build.ts OUTDIR');
  await buildGuest(outDir);
}
