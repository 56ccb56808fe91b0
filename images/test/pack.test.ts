import { assert, suite } from '#test/suite';
import { planPack } from '../src/pack.ts';

const test = suite('images: pack');

test('an EROFS from a tar, with a fixed uuid', () => {
  assert.equal(planPack('lz4', 'u-u', 5), {
    epoch: 5,
    argv: ['mkfs.erofs', '--quiet', '--tar=f', '-zlz4', '-Eztailpacking', '-C65536', '-Uu-u'],
  });
});

test('releases are packed harder', () => assert.ok(planPack('lz4hc', 'u', 5).argv.includes('-zlz4hc,12')));

test('nothing that 1.8.6 does wrong is asked for', () => {
  for (const word of planPack('lz4hc', 'u', 5).argv) assert.not.match(word, /fragments|dedupe|all-root|^-T/);
});

test.run();
