import { assert, suite } from '#test/suite';
import { planImage } from '../../image/plan.ts';

const test = suite('what of an image is built');

for (const [words, isCi, plan] of [
  ['', false, { words: [], hasKernel: true, mayLockAnew: false }],
  ['', true, { words: [], hasKernel: true, mayLockAnew: true }],
  ['--frozen', true, { words: [], hasKernel: true, mayLockAnew: false }],
  ['--variant lz4hc --no-kernel --tools', true, { words: ['--variant', 'lz4hc', '--tools'], hasKernel: false, mayLockAnew: true }],
] as const)
  test(`${isCi ? 'in CI' : 'at home'}: ${words || 'everything'}`, () => {
    assert.equal(planImage(words.split(' ').filter(Boolean), isCi), plan);
  });

test.run();
