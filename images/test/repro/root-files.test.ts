import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { diffHashes, hashFolder } from '../../src/repro/compare-files.ts';
import { diffRoots, parseList, type Entry } from '../../src/repro/root-files.ts';

const test = suite('images: what differs between two builds');

const SHA = 'ab'.repeat(32);
const LIST = [
  'd|755|0:0|7.0000000000||',
  'f|644|0:0|7.5000000000||etc/a|b',
  'l|777|0:0|7.0000000000|/run/x|etc/l',
  `${SHA}  ./etc/a|b`,
  '',
].join('\0');
const root = () => parseList(LIST);
const change = (path: string, more: Partial<Entry>) => {
  const entries = root();
  entries.set(path, { ...entries.get(path)!, ...more });
  return entries;
};

test('a list has every path with what decides it', () => {
  assert.equal(
    [...root()],
    [
      ['/', { type: 'd', mode: '755', owner: '0:0', mtime: '7', link: '' }],
      ['/etc/a|b', { type: 'f', mode: '644', owner: '0:0', mtime: '7.5000000000', link: '', sha256: SHA }],
      ['/etc/l', { type: 'l', mode: '777', owner: '0:0', mtime: '7', link: '/run/x' }],
    ],
  );
});

test('the same roots differ in nothing', () => assert.equal(diffRoots(root(), root()), []));

for (const [path, more, line] of [
  ['/etc/a|b', { sha256: 'cd'.repeat(32) }, '/etc/a|b: bytes'],
  ['/etc/a|b', { mode: '755' }, '/etc/a|b: mode 644 → 755'],
  ['/', { mtime: '8' }, '/: mtime 7 → 8'],
  ['/etc/l', { link: '/run/y' }, '/etc/l: link /run/x → /run/y'],
  ['/etc/a|b', { owner: '1:1' }, '/etc/a|b: owner 0:0 → 1:1'],
] as const) {
  test(`named by path: ${line}`, () => assert.equal(diffRoots(root(), change(path, more)), [line]));
}

test('a path that only one has is named with which', () => {
  const less = root();
  less.delete('/etc/l');
  assert.equal([diffRoots(root(), less), diffRoots(less, root())], [['/etc/l: only in the first'], ['/etc/l: only in the second']]);
});

test('published files are compared whatever their names are', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oriel-repro-'));
  try {
    await mkdir(join(dir, 'one/sub'), { recursive: true });
    await writeFile(join(dir, 'one/a'), 'x');
    await writeFile(join(dir, 'one/sub/b'), 'y');
    const one = await hashFolder(join(dir, 'one'));
    assert.equal(Object.keys(one), ['a', 'sub/b']);
    assert.equal(diffHashes(one, { ...one }), []);
    assert.equal(diffHashes(one, { a: one.a!, 'sub/b': one.a!, c: '' }), ['c', 'sub/b']);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test.run();
