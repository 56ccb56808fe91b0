import { cp, glob } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { toPackages } from '../guest/build.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const SOURCES = join(import.meta.dirname, 'src');

/**
 * Bundles the controller into `outDir`: `main.cjs`, `egress/main.cjs`, and the shell scripts where the sources have them. It starts in
 * half the sources' time and with less memory: no file is looked for, no types are stripped. Around it is to be what is around the sources:
 * `../../package.json` and `../viewer/dist`. `main`: another program in the place of the first, as benches have it. The same sources give
 * the same bytes. Gives the npm packages that are in it, as package-lock.json names them.
 *
 * CommonJS, as Node makes more of its own modules for an `import` than for a `require`: of node:http all of undici, 30 ms.
 */
export async function buildController(outDir: string, main = join(SOURCES, 'main.ts')): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: REPOSITORY,
    preserveSymlinks: true,
    entryPoints: { main, 'egress/main': join(SOURCES, 'egress/main.ts') },
    outdir: outDir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    platform: 'node',
    // Libraries know their errors by the names of their classes, which a bundle may change.
    keepNames: true,
    target: 'node24',
    logLevel: 'warning',
    metafile: true,
  });
  for await (const script of glob('**/*.sh', { cwd: SOURCES })) await cp(join(SOURCES, script), join(outDir, script));
  return toPackages(metafile);
}

if (import.meta.main) await buildController(join(import.meta.dirname, 'dist'));
