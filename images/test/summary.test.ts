import { assert, suite } from '#test/suite';
import { toChanges, toLargest, toLayerTable, toSummary, type Summed } from '../src/summary.ts';

const test = suite('images: summary');

const summed = (id: string, bytes: number, packages: Record<string, string>, files: Record<string, string> = {}): Summed => ({
  id: id.repeat(64),
  rootfs: { file: 'rootfs.erofs', bytes, compression: 'lz4' },
  packages: Object.entries(packages).map(([name, version]) => ({ name, version })),
  sizes: {
    total: 30_000_000,
    generated: 1_000_000,
    layers: [
      { name: 'base', packages: 90, packageBytes: 20_000_000, fileBytes: 0 },
      { name: 'chromium', packages: 3, packageBytes: 8_500_000, fileBytes: 500_000 },
    ],
    packages: { bash: 7_000_000, libc6: 13_000_000, chromium: 8_500_000 },
    files,
  },
});
const old = summed('a', 20_000_000, { bash: '5.2', gone: '1' }, { '/etc/a': '1', '/etc/b': '2' });
const now = summed('b', 21_500_000, { bash: '5.3', bc: '1.07' }, { '/etc/a': '9', '/etc/c': '3' });

test('each layer has a line with what it costs', () => {
  assert.equal(toLayerTable(now.sizes!).split('\n'), [
    'layer        packages  of packages  own files',
    'base               90        20 MB     0.0 MB',
    'chromium            3       8.5 MB     0.5 MB',
    '(generated)                            1.0 MB',
    'together           93                   30 MB',
  ]);
});

test('the largest come first, in lines that fit', () => {
  assert.is(toLargest(now.sizes!, 36), 'the 3 largest packages, unpacked:\n  libc6 13 MB · chromium 8.5 MB\n  bash 7.0 MB');
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, index]));
  assert.match(toLargest({ ...now.sizes!, packages: many }), /^the 20 largest packages, unpacked:\n {2}p29 /);
});

test('changes are named: packages, versions, files, bytes', () => {
  assert.equal(toChanges(old, now).split('\n'), [
    'since aaaaaaaaaaaa: +1.5 MB packed',
    '  packages added: bc 1.07',
    '  packages removed: gone 1',
    '  packages with another version: bash 5.2 → 5.3',
    '  files changed: /etc/a, -/etc/b, +/etc/c',
  ]);
  assert.match(toChanges(now, old), /^since bbbbbbbbbbbb: −1\.5 MB packed/);
});

test('a long list is counted', () => {
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`p${index}`, '1']));
  assert.match(toChanges(old, summed('c', 1, { ...many, bash: '5.2', gone: '1' })), /packages added: p0 1, .*, p11 1, and 8 more$/m);
});

test('an image of before that had no sizes is compared as far as it goes', () => {
  const { sizes: _, ...before } = old;
  assert.not.match(toChanges(before, now), /files changed/);
  assert.match(toChanges(before, now), /packages added: bc/);
});

test('the first image has a summary and no changes', () => {
  assert.match(toSummary(now), /^22 MB packed, 30 MB unpacked, 2 packages$/m);
  assert.not.match(toSummary(now), /since/);
});

test.run();
