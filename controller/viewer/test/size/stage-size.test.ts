import { assert, suite } from '#test/suite';
import { toDevicePixels } from '../../src/size/stage-size.ts';

const test = suite('stage size');

test('the browser’s own number is taken, unless it is of another device than the page’s', () => {
  assert.is(toDevicePixels(1002.6, 1002), 1002);
  assert.is(toDevicePixels(1400, 700), 1400);
  assert.is(toDevicePixels(1002.6), 1003);
});

test.run();
