import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import { parsePackages, toManifest } from '../src/manifest.ts';
import { planVerity, toVerity } from '../src/verity.ts';

const test = suite('images: manifest');

test('it names the image by content and says what it was made from', () => {
  const lock = { schema: 1 as const, suite: 'trixie', architecture: 'amd64', epoch: 7, requested: [], packages: [] };
  const createdFrom = { lock: 'l', builderLock: 'b', key: 'k' };
  const verity = toVerity(planVerity('u'), 8192, 'f'.repeat(64));
  const sizes = { total: 1, generated: 1, layers: [], packages: {}, files: {} };
  const manifest = toManifest(golden, lock, {
    id: 'i',
    bytes: 3,
    variant: 'lz4',
    verity,
    packages: [{ name: 'a', version: '1' }],
    npm: { npm: '11' },
    sizes,
    createdFrom,
  });
  assert.equal(manifest, {
    schema: 1,
    id: 'i',
    rootfs: { file: 'rootfs.erofs', bytes: 3, compression: 'lz4' },
    verity,
    createdFrom,
    epoch: 7,
    suite: 'trixie',
    layers: golden.layers.map(({ name }) => name),
    packages: [{ name: 'a', version: '1' }],
    npm: { npm: '11' },
    sizes,
  });
});

test("dpkg's words become a sorted list", () => {
  assert.equal(parsePackages('b 2\na 1:1\n'), [
    { name: 'a', version: '1:1' },
    { name: 'b', version: '2' },
  ]);
});

test.run();
