import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { Snapshots } from '../../src/machines/snapshots.ts';

const test = suite('snapshots on disk');

let dir = '';
let snapshots: Snapshots;
test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-snapshots-'));
  snapshots = new Snapshots(join(dir, 'snapshots'));
});
test.afterEach(() => rm(dir, { recursive: true }));

const write = (text: string) => (into: string) => writeFile(join(into, 'state'), text);
const names = () => readdir(join(dir, 'snapshots'));

test('what is kept is found by its key, and not wanted again', async () => {
  assert.is(await snapshots.find('a'), undefined);
  assert.ok(await snapshots.keep('a', write('one')));
  const found = await snapshots.find('a');
  assert.is(await readFile(join(found!.dir, 'state'), 'utf8'), 'one');
  assert.not(await snapshots.keep('a', write('two')));
  assert.is(await readFile(join(found!.dir, 'state'), 'utf8'), 'one');
  assert.is(await snapshots.find('b'), undefined);
});

test('while it is written nobody finds it, nor writes it too', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const keeping = snapshots.keep('a', () => promise);
  assert.not(await snapshots.keep('a', write('two')));
  assert.is(await snapshots.find('a'), undefined);
  resolve();
  await keeping;
  assert.ok(await snapshots.find('a'));
});

test('one that could not be written leaves nothing, and is wanted again', async () => {
  const failing = async (into: string) => {
    await write('half')(into);
    throw new Error('no space');
  };
  assert.is(await snapshots.keep('a', failing).catch((error: Error) => error.message), 'no space');
  assert.equal(await names(), []);
  assert.ok(await snapshots.keep('a', write('whole')));
});

test('one that is of no use goes, and can be written anew', async () => {
  await snapshots.keep('a', write('bad'));
  await snapshots.discard('a');
  assert.equal(await names(), []);
  await snapshots.keep('a', write('good'));
  assert.ok(await snapshots.find('a'));
});

test('the two that were used last stay', async () => {
  for (const [key, day] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    await snapshots.keep(key, write(key));
    await utimes(join(dir, 'snapshots', key), day, day);
  }
  // Used now.
  await snapshots.find('a');
  await snapshots.keep('c', write('c'));
  assert.equal((await names()).sort(), ['a', 'c']);
});

test('what a controller that was killed was writing is swept', async () => {
  await snapshots.keep('a', write('one'));
  await mkdir(join(dir, 'snapshots', 'tmp.x'));
  await snapshots.sweep();
  assert.equal(await names(), ['a']);
  await new Snapshots(join(dir, 'nowhere')).sweep();
});

test.run();
