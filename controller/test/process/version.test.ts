import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readVersions, toLines, VERSION } from '../../src/process/version.ts';

const test = suite('version');
const SUMS = 'sums\n';
let dir = '';

test.before(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-version-'));
  for (const parent of ['images', 'kernels']) {
    mkdirSync(join(dir, parent));
    symlinkSync(parent[0]!.repeat(4), join(dir, parent, 'latest'));
  }
});
test.after(() => rmSync(dir, { recursive: true }));

const config = () => ({ imageDir: join(dir, 'images'), image: 'latest', kernelDir: join(dir, 'kernels') });

test('a checkout says that it is none, and where links lead', () => {
  const versions = readVersions(config());
  assert.equal(versions, { version: VERSION, node: process.versions.node, image: 'iiii', kernel: 'kkkk' });
  assert.match(toLines(versions), /^release {2}none: this is a checkout$/m);
});

test('what is not built yet has the name that is looked for', () => {
  assert.is(readVersions({ ...config(), image: 'spring' }).image, 'spring');
});

test('a release is named by its sums; a host that boots another image than came with it says both', () => {
  const root = mkdtempSync(join(dir, 'release-'));
  writeFileSync(join(root, 'SHA256SUMS'), SUMS);
  writeFileSync(join(root, 'release.json'), JSON.stringify({ commit: 'c0ffee', image: { id: 'iiii' }, kernel: { id: 'jjjj' } }));
  const versions = readVersions(config(), root);
  const id = createHash('sha256').update(SUMS).digest('hex');
  assert.equal(versions.release, { id, commit: 'c0ffee', image: 'iiii', kernel: 'jjjj' });
  const lines = toLines(versions).split('\n');
  assert.ok(lines.includes(`release  ${id}`) && lines.includes('commit   c0ffee') && lines.includes('image    iiii'));
  assert.ok(lines.includes('kernel   kkkk, not the release’s jjjj'));
});

test.run();
