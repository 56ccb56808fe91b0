import { assert, suite } from '#test/suite';
import { Touch } from '../../src/input/touch.ts';

const test = suite('touch');
const at = (x: number, y: number) => ({ x, y });

test('a tap is a left click, where the finger came up', () => {
  const touch = new Touch();
  assert.equal(touch.down(1, at(10, 10)), []);
  assert.equal(touch.move(1, at(14, 12)), []);
  assert.equal(touch.up(1), [{ act: 'click', button: 1, at: at(14, 12) }]);
});

test('a finger that is held still is a right click, once', () => {
  const touch = new Touch();
  touch.down(1, at(10, 10));
  assert.ok(touch.mayBeLong);
  assert.equal(touch.settle(), [{ act: 'click', button: 3, at: at(10, 10) }]);
  assert.not(touch.mayBeLong);
  assert.equal([...touch.settle(), ...touch.move(1, at(90, 90)), ...touch.up(1)], []);
});

test('a finger that moves drags from where it was put', () => {
  const touch = new Touch();
  touch.down(1, at(10, 10));
  assert.equal(touch.move(1, at(30, 10)), [
    { act: 'press', at: at(10, 10) },
    { act: 'drag', at: at(30, 10) },
  ]);
  assert.equal(touch.settle(), []);
  assert.equal(touch.move(1, at(31, 10)), [{ act: 'drag', at: at(31, 10) }]);
  assert.equal(touch.up(1), [{ act: 'release', at: at(31, 10) }]);
});

test('two fingers that move turn the wheel the other way, by all of their path', () => {
  const touch = new Touch();
  touch.down(1, at(100, 300));
  touch.down(2, at(200, 300));
  let [dx, dy] = [0, 0];
  for (let step = 1; step <= 10; step++)
    for (const [id, x] of [
      [1, 100],
      [2, 200],
    ] as const)
      for (const one of touch.move(id, at(x, 300 - step * 10))) if (one.act === 'scroll') [dx, dy] = [dx + one.dx, dy + one.dy];
  assert.is(dx, 0);
  assert.ok(dy > 85 && dy <= 100, `${dy}`);
  assert.equal([...touch.up(1), ...touch.move(2, at(0, 0)), ...touch.up(2)], []);
});

test('two fingers that do not move are a right click between them', () => {
  const touch = new Touch();
  touch.down(1, at(100, 100));
  touch.down(2, at(200, 100));
  assert.equal(touch.up(2), [{ act: 'click', button: 3, at: at(150, 100) }]);
  assert.equal(touch.up(1), []);
});

test('a second finger ends a drag, a third ends it all until no finger is there', () => {
  const touch = new Touch();
  touch.down(1, at(0, 0));
  touch.move(1, at(50, 0));
  assert.equal(touch.down(2, at(99, 99)), [{ act: 'release', at: at(50, 0) }]);
  touch.down(3, at(50, 50));
  assert.equal(
    [1, 2, 3].flatMap((id) => touch.up(id)),
    [],
  );
  touch.down(4, at(7, 7));
  assert.equal(touch.up(4), [{ act: 'click', button: 1, at: at(7, 7) }]);
});

test('what the browser takes away lets go of the button', () => {
  const touch = new Touch();
  touch.down(1, at(0, 0));
  touch.move(1, at(50, 0));
  assert.equal(touch.cancel(), [{ act: 'release', at: at(50, 0) }]);
  assert.equal(touch.up(1), []);
});

test.run();
