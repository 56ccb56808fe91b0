import { assert, suite } from '#test/suite';
import { toDesktopMotion, toDesktopPoint, toPictureBox } from '../../src/input/desktop-point.ts';

const test = suite('desktop point');

const DESKTOP = { width: 1280, height: 720 };

/** Odd and even, larger and smaller than the desktop, wide, tall, off the page's corner, and between pixels. */
const BOXES = [
  { x: 0, y: 0, width: 1280, height: 720 },
  { x: 0, y: 0, width: 1000, height: 669 },
  { x: 13.5, y: 7.25, width: 777, height: 883 },
  { x: -3, y: 2, width: 1611, height: 571 },
  { x: 100, y: 50, width: 2559.5, height: 1439 },
  { x: 0, y: 0, width: 333, height: 1001 },
];

const PLACES = [
  [0, 0],
  [1279, 0],
  [0, 719],
  [1279, 719],
  [640, 360],
  [1, 718],
] as const;

for (const box of BOXES)
  test(`in ${box.width}×${box.height} every corner and the centre is hit exactly`, () => {
    const shown = toPictureBox(box, DESKTOP);
    for (const [x, y] of PLACES) {
      const middle = { x: shown.x + ((x + 0.5) * shown.width) / 1280, y: shown.y + ((y + 0.5) * shown.height) / 720 };
      assert.equal(toDesktopPoint(middle, box, DESKTOP, DESKTOP), { x, y });
    }
  });

test('whole coordinates, as a mouse has them, are within one pixel of the page', () => {
  for (const box of BOXES) {
    const shown = toPictureBox(box, DESKTOP);
    const pixel = Math.ceil(1280 / shown.width);
    for (const [x, y] of PLACES) {
      const mouse = {
        x: Math.floor(shown.x + ((x + 0.5) * shown.width) / 1280),
        y: Math.floor(shown.y + ((y + 0.5) * shown.height) / 720),
      };
      const hit = toDesktopPoint(mouse, box, DESKTOP, DESKTOP)!;
      assert.ok(Math.abs(hit.x - x) <= pixel && Math.abs(hit.y - y) <= pixel, JSON.stringify({ box, x, y, hit }));
    }
  }
});

test('left and right edges of a pixel are that pixel', () => {
  const box = { x: 0, y: 0, width: 1280, height: 720 };
  assert.equal(toDesktopPoint({ x: 5, y: 9 }, box, DESKTOP, DESKTOP), { x: 5, y: 9 });
  assert.equal(toDesktopPoint({ x: 5.999, y: 9.999 }, box, DESKTOP, DESKTOP), { x: 5, y: 9 });
});

test('the bars beside the picture are its nearest edge', () => {
  const box = { x: 0, y: 0, width: 1280, height: 920 };
  assert.equal(toDesktopPoint({ x: 640, y: 3 }, box, DESKTOP, DESKTOP), { x: 640, y: 0 });
  assert.equal(toDesktopPoint({ x: 640, y: 919 }, box, DESKTOP, DESKTOP), { x: 640, y: 719 });
  assert.equal(toDesktopPoint({ x: 5000, y: -5000 }, box, DESKTOP, DESKTOP), { x: 1279, y: 0 });
});

test('a scaled video is measured on the desktop', () => {
  assert.equal(
    toDesktopPoint({ x: 320, y: 180 }, { x: 0, y: 0, width: 640, height: 360 }, { width: 640, height: 360 }, { width: 1920, height: 1080 }),
    {
      x: 960,
      y: 540,
    },
  );
});

test('there is no point while there is no picture, no box or no desktop', () => {
  const nothing = { width: 0, height: 0 };
  const box = { x: 0, y: 0, ...DESKTOP };
  assert.is(toDesktopPoint({ x: 1, y: 1 }, box, nothing, DESKTOP), undefined);
  assert.is(toDesktopPoint({ x: 1, y: 1 }, box, DESKTOP, nothing), undefined);
  assert.is(toDesktopPoint({ x: 1, y: 1 }, { ...box, width: 0 }, DESKTOP, DESKTOP), undefined);
});

test('a motion is as far on the desktop as it looks, whatever its picture is scaled to and has beside it', () => {
  assert.equal(toDesktopMotion({ x: 10, y: -4 }, DESKTOP, DESKTOP, DESKTOP), { x: 10, y: -4 });
  assert.equal(toDesktopMotion({ x: 10, y: -4 }, { width: 640, height: 900 }, DESKTOP, DESKTOP), { x: 20, y: -8 });
  class Rect {
    get width() {
      return 640;
    }
    get height() {
      return 360;
    }
  }
  assert.equal(toDesktopMotion({ x: 10, y: -4 }, new Rect(), DESKTOP, DESKTOP), { x: 20, y: -8 }, 'a DOMRect');
  assert.is(toDesktopMotion({ x: 1, y: 1 }, { width: 0, height: 0 }, DESKTOP, DESKTOP), undefined);
});

test.run();
