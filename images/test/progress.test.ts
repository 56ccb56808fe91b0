import { PassThrough } from 'node:stream';
import { assert, suite } from '#test/suite';
import { toDetail, toMegabytes, toProgress, toSeconds } from '../src/progress.ts';

const test = suite('images: progress');

test('numbers are for people', () => {
  assert.equal(
    [toSeconds(940), toSeconds(61_000), toMegabytes(1_234_567), toMegabytes(540_000_000)],
    ['0.9 s', '1 min 1 s', '1.2 MB', '540 MB'],
  );
  assert.equal([toDetail(25, 100_000_000, 'bytes'), toDetail(3, 9, 'items')], ['0 % of 100 MB', '3 of 9']);
});

test('away from a terminal a step is two plain lines', async () => {
  const out = new PassThrough();
  await toProgress(out as unknown as NodeJS.WriteStream).step('packing', async (step) => step.update(1, 2, 'items'));
  assert.match(out.read().toString(), /^packing …\npacking: 0\.\d s\n$/);
});

test.run();
