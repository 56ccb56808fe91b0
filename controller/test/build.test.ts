import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { buildController } from '../build.ts';

const test = suite('build');
const ROOT = join(import.meta.dirname, '../..');
const SRC = join(ROOT, 'controller/src');

/** What the sources call their own, as they write it. */
function listOwn(kind: string): string[] {
  const texts = globSync('**/*.ts', { cwd: SRC }).map((path) => readFileSync(join(SRC, path), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(new RegExp(`${kind}\\('([^']+)'\\)`, 'g'))].map(([, path]) => path!));
}

test('the bundle runs, and has each file and program that the sources call their own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-build-'));
  try {
    symlinkSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
    const dist = join(dir, 'controller/dist');
    await buildController(dist);
    const said = execFileSync(process.execPath, [join(dist, 'main.cjs'), '--help'], { encoding: 'utf8' });
    assert.match(said, /^usage: /);

    const files = listOwn('toOwnFile').filter((path) => !path.startsWith('../'));
    const programs = listOwn('toOwnProgram');
    assert.ok(files.length >= 4 && programs.length >= 1);
    for (const path of [...files, ...programs.map((path) => `${path}.cjs`)]) assert.ok(existsSync(join(dist, path)), path);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('no source looks for a file beside itself in another way', () => {
  const own = globSync('**/*.ts', { cwd: SRC }).filter((path) => path !== 'own-file.ts');
  const wrong = own.filter((path) => readFileSync(join(SRC, path), 'utf8').includes('import.meta.'));
  assert.equal(wrong, []);
});

test.run();
