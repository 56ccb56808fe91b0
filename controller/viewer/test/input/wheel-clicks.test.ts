import { assert, suite } from '#test/suite';
import { WheelClicks } from '../../src/input/wheel-clicks.ts';

const test = suite('wheel clicks');

const turn = (
  wheel: WheelClicks,
  deltaY: number,
  more: { wheelDeltaY?: number; deltaMode?: number; deltaX?: number; timeStamp?: number } = {},
) => wheel.turn({ deltaX: 0, deltaY, deltaMode: 0, timeStamp: 0, ...more });

test('a notch is a click, whatever pixels the system makes of it', () => {
  for (const pixels of [100, 120, 66.67, 4.000244])
    for (const sign of [1, -1]) {
      const wheel = new WheelClicks();
      for (let notch = 0; notch < 5; notch += 1)
        assert.equal(turn(wheel, sign * pixels, { wheelDeltaY: -120 * sign }), { dx: 0, dy: sign });
    }
});

test('pixels of a touchpad add up, and nothing is lost', () => {
  const wheel = new WheelClicks();
  const clicks = Array.from({ length: 40 }, (_, index) => turn(wheel, 10, { wheelDeltaY: -30, timeStamp: index * 16 }).dy);
  assert.is(
    clicks.reduce((sum, dy) => sum + dy, 0),
    10,
  );
});

test('what is left over is forgotten after a rest', () => {
  const wheel = new WheelClicks();
  assert.equal(turn(wheel, 0, { deltaX: 50 }), { dx: 0, dy: 0 });
  assert.equal(wheel.turn({ deltaX: 50, deltaY: 0, deltaMode: 0, timeStamp: 5000 }), { dx: 0, dy: 0 });
  assert.equal(wheel.turn({ deltaX: 50, deltaY: 0, deltaMode: 0, timeStamp: 5010 }), { dx: 1, dy: 0 });
});

test('lines and pages count', () => {
  assert.equal(turn(new WheelClicks(), 3, { deltaMode: 1 }), { dx: 0, dy: 1 });
  assert.equal(turn(new WheelClicks(), -1, { deltaMode: 2 }), { dx: 0, dy: -1 });
});

test('there are never more clicks than the guest takes', () => {
  assert.equal(turn(new WheelClicks(), 1e6), { dx: 0, dy: 20 });
  assert.equal(turn(new WheelClicks(), -1e6), { dx: 0, dy: -20 });
});

test.run();
