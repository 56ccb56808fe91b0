import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flipBit } from '#test/flip-bit';
import { assert, suite } from '#test/suite';
import { findBuilder } from '#test/builder';
import { appendVerity, planVerity, verifyVerity, type Verity } from '../src/verity.ts';

const test = suite('images: verity', { timeoutMs: 60_000 });
/** Enough for a tree of two levels. */
const BLOCKS = 300;

let dir = '';
let path = '';
let verity: Verity;

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-verity-'));
  path = join(dir, 'root');
  await writeFile(path, execFileSync('head', ['-c', String(BLOCKS * 4096), '/dev/urandom'], { maxBuffer: 1 << 24 }));
  verity = await appendVerity(planVerity('6f726965-6c00-4000-8000-676f6c64656e'), await findBuilder(), dir, dir, 'root');
});
test.after(() => rm(dir, { recursive: true }));

test('our reading of the tree is that of veritysetup', async () => {
  assert.is(verity.dataBlocks, BLOCKS);
  assert.equal(await verifyVerity(path, verity), []);
});

test('the same root has the same tree', async () => {
  const copy = join(dir, 'copy');
  await writeFile(copy, (await readFile(path)).subarray(0, BLOCKS * 4096));
  assert.equal(await appendVerity(planVerity(verity.uuid), await findBuilder(), dir, dir, 'copy'), verity);
  assert.ok((await readFile(copy)).equals(await readFile(path)));
});

test('one bit of the data, and one of the tree, is seen', async () => {
  for (const [offset, reason] of [
    [BLOCKS * 2048, /its blocks have the verity root hash [0-9a-f]{64}, the manifest has/],
    [(BLOCKS + 2) * 4096 + 5, /verity tree behind its last block is damaged/],
  ] as const) {
    await flipBit(path, offset);
    assert.match((await verifyVerity(path, verity)).join(), reason);
    await flipBit(path, offset);
  }
  assert.equal(await verifyVerity(path, verity), []);
});

test.run();
