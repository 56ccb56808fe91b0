import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const PAGE = join(import.meta.dirname, 'page');

/** Builds the page into `outDir`. `<oriel-desktop>` is no part of it: it comes from the controller, whose version it has. */
export async function buildPage(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: [join(PAGE, 'main.tsx'), join(PAGE, 'style.css')],
    outdir: outDir,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome120', 'firefox128', 'safari17'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    minify: true,
    logLevel: 'warning',
  });
  await copyFile(join(PAGE, 'index.html'), join(outDir, 'index.html'));
}

if (import.meta.main) await buildPage(join(import.meta.dirname, 'dist'));
