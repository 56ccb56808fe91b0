import { assert, suite } from '#test/suite';
import { readiness } from '../../src/process/readiness.ts';

const test = suite('readiness');
const GOOD = {
  store: { isWritable: () => true },
  machinery: { findImage: async () => ({ id: 'x', rootfs: '/x' }) },
  egress: { state: 'ok' },
  readFreeMib: () => 64,
};

test('a session could start when everything that it needs is there', async () => {
  assert.equal(await readiness(GOOD)(), { ready: true, checks: { store: 'ok', image: 'ok', egress: 'ok', disk: 'ok' } });
});

for (const [what, broken, words] of [
  ['store', { store: { isWritable: () => false } }, /cannot be written/],
  ['image', { machinery: { findImage: () => Promise.reject(new Error('no image: build one')) } }, /build one/],
  ['egress', { egress: { state: 'the egress process ended' } }, /ended/],
  ['disk', { readFreeMib: () => 63 }, /63 MiB are free .* 64 are needed/],
] as const) {
  test(`what is wrong is said: ${what}`, async () => {
    const { ready, checks } = await readiness({ ...GOOD, ...broken })();
    assert.is(ready, false);
    assert.match(checks[what]!, words);
    assert.is(Object.values(checks).filter((check) => check === 'ok').length, 3);
  });
}

test.run();
