import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Builds the pages into `outDir`, which is served as `/assets/`: `index.html`, `desktop.html`, `operator.html`, their scripts, and
 * `oriel-desktop.js`, the element alone, for other pages. What is under `chunks/` has its content's hash in its name and never changes.
 */
export async function buildViewer(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: {
      'oriel-desktop': join(here, 'src/element.ts'),
      desktop: join(here, 'pages/desktop.ts'),
      home: join(here, 'pages/home.ts'),
      operator: join(here, 'pages/operator.ts'),
    },
    outdir: outDir,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome120', 'firefox128', 'safari17'],
    loader: { '.css': 'text' },
    minify: true,
    sourcemap: true,
    logLevel: 'warning',
  });
  for (const file of await readdir(join(here, 'pages'))) {
    if (/\.(html|css|svg)$/.test(file)) await copyFile(join(here, 'pages', file), join(outDir, file));
  }
  // noVNC is under the MPL, which asks that its notice goes along.
  await copyFile(
    fileURLToPath(import.meta.resolve('@novnc/novnc')).replace(/core\/rfb\.js$/, 'LICENSE.txt'),
    join(outDir, 'novnc-license.txt'),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildViewer(join(here, 'dist'));
