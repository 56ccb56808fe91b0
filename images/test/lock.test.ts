import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import type { Image } from '../golden/layer.ts';
import {
  checkLock,
  diffLocks,
  keepLocked,
  LOCK_SETS,
  readLock,
  toLockHash,
  toRequested,
  writeLock,
  type Lock,
  type LockedPackage,
} from '../src/lock.ts';

const test = suite('images: lock');

const LOCKS = join(import.meta.dirname, '../lock');
const image: Image = {
  ...golden,
  layers: [
    {
      name: 'base',
      packages: [
        { name: 'b', why: '' },
        { name: 'a', why: '' },
      ],
    },
  ],
};
const locked = (name: string, version = '1', more: Partial<LockedPackage> = {}): LockedPackage => ({
  name,
  version,
  architecture: 'amd64',
  sha256: '0'.repeat(64),
  sha1: '0'.repeat(40),
  size: 1,
  path: `pool/main/${name}.deb`,
  suite: 'trixie',
  source: name,
  ...more,
});
const lock = (packages: LockedPackage[], requested = ['a', 'b']): Lock => ({
  schema: 1,
  suite: 'trixie',
  architecture: 'amd64',
  epoch: 1,
  requested,
  packages,
});
const good = lock([locked('a'), locked('b'), locked('libc6')]);

test('a lock that keeps brings what is new, drops what nobody needs, and moves nothing else', () => {
  const before = lock([locked('a'), locked('b'), locked('gone')]);
  const after = { ...lock([locked('a', '2'), locked('b'), locked('c', '2')], ['a', 'b', 'c']), epoch: 2 };
  assert.equal(keepLocked(before, after), lock([locked('a'), locked('b'), locked('c', '2')], ['a', 'b', 'c']));
  assert.equal(keepLocked(undefined, after), after);
});

test('what the layers ask for is sorted and said once', () => {
  assert.equal(toRequested({ ...image, layers: [...image.layers, ...image.layers] }, 'root'), ['a', 'b']);
});

test('a lock that has all that was asked for is good', () => assert.equal(checkLock(image, 'root', good), []));

for (const [claim, wrong, sentence] of [
  ['a layer gained a package', lock([locked('a')], ['a']), 'root: b is in a layer and not in the lock'],
  ['a layer lost a package', lock([...good.packages, locked('c')], ['a', 'b', 'c']), 'root: c is in the lock and in no layer'],
  ['a package is missing', lock([locked('a')]), 'root: b was asked for and has no package'],
  ['a hash is cut short', lock([locked('a', '1', { sha256: '00' }), locked('b')]), 'root: a has a malformed entry'],
  ['a path names a host', lock([locked('a', '1', { path: 'http://m.test/pool/a.deb' }), locked('b')]), 'root: a has a malformed entry'],
  ['a path climbs', lock([locked('a', '1', { path: 'pool/../../a.deb' }), locked('b')]), 'root: a has a malformed entry'],
  ['the suite is another', { ...good, suite: 'forky' }, 'root: the lock is of forky, the image wants trixie'],
] as const) {
  test(`the check says so when ${claim}`, () => assert.equal(checkLock(image, 'root', wrong), [sentence]));
}

test('the diff names what was added, removed, upgraded, and what is a security update', () => {
  const after = lock([locked('a', '2'), locked('b', '3', { suite: 'trixie-security' }), locked('new')]);
  assert.equal(diffLocks(good, after), ['~ a 1 → 2', '~ b 1 → 3 (security)', '- libc6 1', '+ new 1']);
  assert.equal(diffLocks(good, good), []);
});

test('a lock is read back as it was written', async () => {
  await inFolder(async (dir) => {
    await writeLock(dir, 'root', good);
    assert.equal(await readLock(dir, 'root'), good);
  });
});

test('a missing and a broken lock say what to do', async () => {
  await inFolder(async (dir) => {
    await writeFile(join(dir, 'builder.json'), '{"schema": 1, "pack');
    for (const set of LOCK_SETS) assert.match(await messageOf(readLock(dir, set)), /run `just lock`/);
  });
});

for (const set of LOCK_SETS) {
  test(`the committed ${set} lock fits the layers and names no host`, async () => {
    const committed = await readLock(LOCKS, set);
    assert.equal(checkLock(golden, set, committed), []);
    const text = await readFile(join(LOCKS, `${set}.json`), 'utf8');
    assert.not.match(text, /:\/\//);
    assert.is(toLockHash(committed), createHash('sha256').update(text).digest('hex'));
  });
}

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-lock-test-'));
  await body(dir).finally(() => rm(dir, { recursive: true }));
}

function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => '',
    (error: Error) => error.message,
  );
}

test.run();
