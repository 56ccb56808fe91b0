import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CREDENTIAL_MAX_BYTES } from '#contract/sign-in';
import { assert, suite } from '#test/suite';
import { readHomeFile, wipeHomeFiles, writeHomeFiles } from '../../src/login/home-files.ts';
import { HomeWatch, toFolders } from '../../src/login/home-watch.ts';
import type { FromLogin } from '../../src/login/protocol.ts';

const test = suite('home watch');
let home: string;
test.before(() => void (home = mkdtempSync(join(tmpdir(), 'oriel-home-'))));
test.after(() => rmSync(home, { recursive: true }));

test('a file is told of when it comes, in folders that come too, when it is replaced, and not twice', async () => {
  const got: FromLogin[] = [];
  const watch = new HomeWatch(home, ['.a/b/c.json'], (news) => got.push(news));
  const heard = async (count: number) => {
    for (let turn = 0; turn < 400 && got.length < count; turn++) await sleep(10);
    await sleep(60);
    return got.map((news) => ('content' in news ? news.content : news.t));
  };
  watch.start();
  mkdirSync(join(home, '.a'));
  await sleep(20);
  mkdirSync(join(home, '.a/b'));
  writeFileSync(join(home, '.a/b/c.json'), 'one');
  assert.equal(await heard(1), ['one']);
  writeFileSync(join(home, '.a/b/new'), 'two');
  renameSync(join(home, '.a/b/new'), join(home, '.a/b/c.json'));
  assert.equal(await heard(2), ['one', 'two']);
  writeFileSync(join(home, '.a/b/c.json'), 'two');
  rmSync(join(home, '.a'), { recursive: true });
  await sleep(50);
  mkdirSync(join(home, '.a/b'), { recursive: true });
  writeFileSync(join(home, '.a/b/c.json'), 'three');
  assert.equal(await heard(3), ['one', 'two', 'three']);
  watch.stop();
  writeFileSync(join(home, '.a/b/c.json'), 'four');
  assert.equal((await heard(3)).length, 3);
});

test('a file is told of although something is written beside it all the time', async () => {
  const got: FromLogin[] = [];
  const watch = new HomeWatch(home, ['auth.json'], (news) => got.push(news));
  watch.start();
  writeFileSync(join(home, 'auth.json'), 'one');
  for (let turn = 0; turn < 100 && got.length === 0; turn++) {
    writeFileSync(join(home, 'noise'), String(turn));
    await sleep(10);
  }
  watch.stop();
  assert.equal(got, [{ t: 'file', path: 'auth.json', content: 'one' }]);
});

test('what is no small file of its own is not read', async () => {
  writeFileSync(join(home, 'huge'), 'x'.repeat(CREDENTIAL_MAX_BYTES + 1));
  symlinkSync('huge', join(home, 'link'));
  mkdirSync(join(home, 'folder'));
  execFileSync('mkfifo', [join(home, 'pipe')]);
  writeFileSync(join(home, 'empty'), '');
  const problems = await Promise.all(
    ['huge', 'link', 'folder', 'pipe'].map(async (name) => JSON.stringify(await readHomeFile(home, name))),
  );
  for (const problem of problems) assert.match(problem, /problem/);
  assert.equal(
    [await readHomeFile(home, 'empty'), await readHomeFile(home, 'none'), await readHomeFile(home, 'empty/x')],
    [undefined, undefined, undefined],
  );
});

test('files are given back for their owner only, and leave nothing when they are wiped', async () => {
  await writeHomeFiles(home, [{ path: '.x/auth.json', content: 'secret' }]);
  assert.equal([readFileSync(join(home, '.x/auth.json'), 'utf8'), statSync(join(home, '.x/auth.json')).mode & 0o777], ['secret', 0o600]);
  await wipeHomeFiles(home, ['.x/auth.json', '.y/none.json']);
  assert.is(await readHomeFile(home, '.x/auth.json'), undefined);
});

test('a path’s folders are all above it', () => {
  assert.equal(toFolders('.a/b/c.json'), ['', '.a', '.a/b']);
  assert.equal(toFolders('c.json'), ['']);
});

test.run();
