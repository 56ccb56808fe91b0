import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { isCached, runStage, toKey, withTemporary } from '../src/stage.ts';

const test = suite('images: stages');

/** Above the kernel's limit: no process has it. */
const DEAD_PID = 2 ** 22 + 1;
let cache = '';
test.beforeEach(async () => void (cache = await mkdtemp(join(tmpdir(), 'oriel-stage-'))));
test.afterEach(() => rm(cache, { recursive: true }));

const write = (text: string) => (dir: string) => writeFile(join(dir, 'out'), text);

test('a key is the content of the inputs, not the order of their fields', () => {
  assert.is(toKey({ a: 1, b: { c: 2, d: [3, 4] } }), toKey({ b: { d: [3, 4], c: 2 }, a: 1 }));
  assert.is.not(toKey({ a: [1, 2] }), toKey({ a: [2, 1] }));
});

test('a stage with a result in the cache is not run again', async () => {
  const first = await runStage(cache, 's', toKey(1), write('once'));
  const again = await runStage(cache, 's', toKey(1), () => assert.unreachable('it ran twice') as never);
  assert.is(again, first);
  assert.is(await readFile(join(again, 'out'), 'utf8'), 'once');
});

test('a stage that fails leaves nothing behind', async () => {
  const failing = async (dir: string) => {
    await write('half')(dir);
    throw new Error('disk full');
  };
  await runStage(cache, 's', toKey(1), failing).then(assert.unreachable, () => {});
  assert.not(await isCached(cache, 's', toKey(1)));
  assert.equal(await readdir(join(cache, 'tmp')), []);
});

test('two runs of one stage at once end with one result', async () => {
  const paths = await Promise.all([runStage(cache, 's', toKey(1), write('same')), runStage(cache, 's', toKey(1), write('same'))]);
  assert.is(paths[0], paths[1]);
  assert.equal(await readdir(join(cache, 'stages')), [paths[0]!.split('/').pop()]);
});

test('what a killed build left is removed by the next, what a living one has is not', async () => {
  const [dead, living] = [`${DEAD_PID}.x`, `${process.pid}.y`];
  for (const name of [dead, living]) await mkdir(join(cache, 'tmp', name), { recursive: true });
  await withTemporary(cache, async () => {});
  assert.equal(await readdir(join(cache, 'tmp')), [living]);
});

test('results that were not used for long make room, those of other stages do not', async () => {
  const other = await runStage(cache, 'other', toKey(0), write(''));
  await utimes(other, 1, 1);
  for (const index of [1, 2, 3, 4]) {
    const path = await runStage(cache, 's', toKey(index), write(''));
    await utimes(path, index, index);
  }
  assert.equal(await Promise.all([1, 2, 3, 4].map((index) => isCached(cache, 's', toKey(index)))), [false, true, true, true]);
  assert.ok(await isCached(cache, 'other', toKey(0)));
});

test.run();
