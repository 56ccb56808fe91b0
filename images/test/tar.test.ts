import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { findTarEnd } from '../src/tar.ts';

const test = suite('images: tar');

let dir = '';
test.beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'oriel-tar-'))));
test.afterEach(() => rm(dir, { recursive: true }));

const tar = (...words: string[]) => execFileSync('tar', words, { cwd: dir, encoding: 'utf8' });

test('the end is before the mark, not at zeros that are content', async () => {
  await writeFile(join(dir, 'zeros'), Buffer.alloc(5000));
  tar('cf', 'a.tar', 'zeros');
  assert.is(await findTarEnd(join(dir, 'a.tar')), 512 + 5120);
});

test('two archives without a mark between them are one', async () => {
  for (const name of ['a', 'b']) {
    await writeFile(join(dir, name), name);
    tar('cf', `${name}.tar`, name);
  }
  await truncate(join(dir, 'a.tar'), await findTarEnd(join(dir, 'a.tar')));
  execFileSync('sh', ['-c', 'cat a.tar b.tar >c.tar'], { cwd: dir });
  assert.is(tar('tf', 'c.tar'), 'a\nb\n');
});

test.run();
