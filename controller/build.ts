import { cp, glob, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type OutputFile, type Plugin } from 'esbuild';
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
  const { metafile, outputFiles } = await build({
    absWorkingDir: REPOSITORY,
    preserveSymlinks: true,
    entryPoints: { main, 'egress/main': join(SOURCES, 'egress/main.ts') },
    outdir: outDir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    write: false,
    plugins: [withoutUnused],
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    platform: 'node',
    // Libraries know their errors by the names of their classes, which a bundle may change.
    keepNames: true,
    // V8 keeps the text. A stack still names functions, and lines that one can read.
    minifyWhitespace: true,
    lineLimit: 160,
    target: 'node24',
    logLevel: 'warning',
    metafile: true,
  });
  for (const file of outputFiles) await writeAscii(file);
  for await (const script of glob('**/*.sh', { cwd: SOURCES })) await cp(join(SOURCES, script), join(outDir, script));
  return toPackages(metafile);
}

/** What libraries load at once and need for what is not asked of them here: an API described in YAML, routes for files found by patterns. */
const UNUSED = /^(yaml|glob)$/;

const withoutUnused: Plugin = {
  name: 'without unused',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }));
    onLoad({ filter: UNUSED, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/**
 * V8 keeps a text that has one character beyond Latin-1 at two bytes each: 3 MiB of memory. In code esbuild has escaped them; the comments
 * of libraries have some.
 */
async function writeAscii({ path, text }: OutputFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.replace(/[^\0-\x7f]/g, '?'));
}

if (import.meta.main) await buildController(join(import.meta.dirname, 'dist'));
