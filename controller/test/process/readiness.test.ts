import { assert, suite } from '#test/suite';
import { readiness } from '../../src/process/readiness.ts';

const test = suite('readiness');
const GOOD = {
  store: { isWritable: () => true },
  machinery: {
    findImage: async () => ({ id: 'x', rootfs: '/x' }),
    findKernel: async () => Promise.reject(new Error('no kernel: build one')),
    driver: {
      isolation: 'shared-kernel' as 'shared-kernel' | 'virtual-machine',
      check: async () => ({ ok: true, missing: [] as string[] }),
    },
  },
  sessions: { isClosing: false },
  egress: { state: 'ok' },
  readFreeMib: () => 64,
};

function toDriver(check: typeof GOOD.machinery.driver.check) {
  return { ...GOOD.machinery, driver: { ...GOOD.machinery.driver, check } };
}

test('a session could start when everything that it needs is there', async () => {
  assert.equal(await readiness(GOOD)(), {
    ready: true,
    checks: { store: 'ok', driver: 'ok', image: 'ok', kernel: 'ok', egress: 'ok', disk: 'ok', draining: 'ok' },
  });
});

for (const [what, broken, words] of [
  ['store', { store: { isWritable: () => false } }, /cannot be written/],
  ['image', { machinery: { ...GOOD.machinery, findImage: () => Promise.reject(new Error('no image: build one')) } }, /build one/],
  [
    'kernel',
    { machinery: { ...GOOD.machinery, driver: { ...GOOD.machinery.driver, isolation: 'virtual-machine' as const } } },
    /no kernel/,
  ],
  ['driver', { machinery: toDriver(async () => ({ ok: false, missing: ['crun: apt-get install crun'] })) }, /apt-get install crun/],
  ['driver', { machinery: toDriver(() => Promise.reject(new Error('cannot look'))) }, /cannot look/],
  ['draining', { sessions: { isClosing: true } }, /going down/],
  ['draining', { findDrain: () => 'the host takes no new sessions since noon' }, /since noon/],
  ['egress', { egress: { state: 'the egress process ended' } }, /ended/],
  ['disk', { readFreeMib: () => 63 }, /63 MiB are free .* 64 are needed/],
] as const) {
  test(`what is wrong is said: ${what}, ${words}`, async () => {
    const { ready, checks } = await readiness({ ...GOOD, ...broken })();
    assert.is(ready, false);
    assert.match(checks[what]!, words);
    assert.is(Object.values(checks).filter((check) => check === 'ok').length, 6);
  });
}

test('all that is wrong is said, and whoever asks often starts no program', async () => {
  let looks = 0;
  const machinery = toDriver(async () => (looks++, { ok: true, missing: [] }));
  const check = readiness({
    ...GOOD,
    machinery,
    store: { isWritable: () => false },
    egress: { state: 'away' },
    sessions: { isClosing: true },
  });
  const reports = await Promise.all([check(), check(), check()]);
  assert.is(Object.values(reports[2]!.checks).filter((state) => state !== 'ok').length, 3);
  assert.is(looks, 1);
});

test('a data directory that is gone is a reason, not an error', async () => {
  const readFreeMib = () => {
    throw new Error('ENOENT');
  };
  assert.match((await readiness({ ...GOOD, readFreeMib })()).checks['disk']!, /ENOENT/);
});

test.run();
