import { join } from 'node:path';
import { build } from 'esbuild';
import { toPackages } from '../../guest/build.ts';

/** Bundles `oriel-host` into `outDir` as one file, `main.cjs`. Gives the npm packages that are in it. */
export async function buildHost(outDir: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    preserveSymlinks: true,
    entryPoints: { main: join(import.meta.dirname, 'main.ts') },
    outdir: outDir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
    platform: 'node',
    keepNames: true,
    target: 'node24',
    logLevel: 'warning',
    metafile: true,
  });
  return toPackages(metafile);
}
