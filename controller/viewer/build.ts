import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { toPackages } from '../../guest/build.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const DIST = join(here, 'dist');

/**
 * Builds the pages into `outDir`, which is served as `/assets/`: `index.html`, `desktop.html`, `operator.html`, their scripts, and
 * `oriel-desktop.js`, the element alone, for other pages. What is under `chunks/` has its content's hash in its name and never changes.
 * The same sources give the same bytes. Gives the npm packages that are in it, as package-lock.json names them.
 */
export async function buildViewer(outDir: string): Promise<string[]> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: join(here, '../..'),
    preserveSymlinks: true,
    entryPoints: {
      'oriel-desktop': join(here, 'src/element.ts'),
      desktop: join(here, 'pages/desktop.ts'),
      home: join(here, 'pages/home.ts'),
      operator: join(here, 'pages/operator.ts'),
    },
    // Source maps name sources by their path from here, wherever the files are written in the end.
    outdir: DIST,
    write: false,
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
    metafile: true,
  });
  for (const { path, contents } of outputFiles) await writeTo(join(outDir, relative(DIST, path)), contents);
  for (const file of await readdir(join(here, 'pages'))) {
    if (/\.(html|css|svg)$/.test(file)) await copyFile(join(here, 'pages', file), join(outDir, file));
  }
  // noVNC is under the MPL, which asks that its notice goes along.
  await copyFile(
    fileURLToPath(import.meta.resolve('@novnc/novnc')).replace(/core\/rfb\.js$/, 'LICENSE.txt'),
    join(outDir, 'novnc-license.txt'),
  );
  return toPackages(metafile);
}

async function writeTo(path: string, contents: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildViewer(DIST);
