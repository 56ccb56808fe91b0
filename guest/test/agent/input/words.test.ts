import { assert, suite } from '#test/suite';
import { buttonDown, keyDown, keyUp, moveBy, moveTo, turnWheel } from '../../../src/agent/input/words.ts';

const test = suite('input words');
const size = { width: 1280, height: 720 };

test('row 0 and column 0 are places like any other', () => {
  assert.is(moveTo(0, 0, size), 'mousemove 0 0');
});

test('a place beyond the edge is the edge', () => {
  assert.is(moveTo(1279, 719, size), 'mousemove 1279 719');
  assert.is(moveTo(1280, 65535, size), 'mousemove 1279 719');
});

test('motion to the left and up is no option of xdotool', () => {
  assert.is(moveBy(-3, 12), 'mousemove_relative -- -3 12');
});

test('a key code of one digit is not taken for the key that types the digit', () => {
  assert.is(keyDown(9), 'keydown --delay 0 09');
  assert.is(keyUp(111), 'keyup --delay 0 111');
});

test('a wheel turns in whole clicks of buttons 4 to 7, without the waits of xdotool click', () => {
  assert.equal(turnWheel(0, 2), ['mousedown 5', 'mouseup 5', 'mousedown 5', 'mouseup 5']);
  assert.equal(turnWheel(0, -1), ['mousedown 4', 'mouseup 4']);
  assert.equal(turnWheel(1, 0), ['mousedown 7', 'mouseup 7']);
  assert.equal(turnWheel(-1, 0), ['mousedown 6', 'mouseup 6']);
  assert.equal(turnWheel(0, 0), []);
});

test('buttons are X buttons', () => {
  assert.is(buttonDown(9), 'mousedown 9');
});

test.run();
