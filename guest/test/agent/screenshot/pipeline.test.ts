import { assert, suite } from '#test/suite';
import { toScreenshotPipeline } from '../../../src/agent/screenshot/pipeline.ts';

const test = suite('screenshot pipeline');

const SIZE = { width: 1280, height: 720 };
const source = (region?: Parameters<typeof toScreenshotPipeline>[2]) => toScreenshotPipeline(':0', SIZE, region).split(' ! ')[0]!;

test('all of the desktop, whatever its size, when no part is named', () => {
  assert.match(source(), /^ximagesrc display-name=:0 .*num-buffers=1$/);
});

test('a part is named by its first and last pixel, and ends where the desktop does', () => {
  assert.match(source({ x: 10, y: 20, width: 1, height: 30 }), / startx=10 starty=20 endx=10 endy=49$/);
  assert.match(source({ x: 1279, y: 0, width: 100, height: 9999 }), / startx=1279 starty=0 endx=1279 endy=719$/);
});

test('what begins outside of the desktop is refused', () => {
  for (const [x, y] of [
    [1280, 0],
    [0, 720],
  ] as const)
    assert.throws(() => source({ x, y, width: 1, height: 1 }), /outside of the desktop, which has 1280×720 pixels/);
});

test.run();
