import { assert, suite } from '#test/suite';
import { findPlace, fitWindows } from '../../../src/agent/desktop/fit-windows.ts';

const test = suite('windows of a screen that shrinks');

const FRAME = { left: 1, right: 1, top: 24, bottom: 1 };
const AREA = { x: 0, y: 0, width: 640, height: 454 };

test('one that is inside stays', () => {
  assert.is(findPlace({ x: 1, y: 24, width: 400, height: 300 }, FRAME, AREA), undefined);
  assert.is(findPlace({ x: 1, y: 24, width: 638, height: 429 }, FRAME, AREA), undefined);
});

test('one that is partly outside is moved, and keeps its size', () => {
  assert.equal(findPlace({ x: 500, y: 400, width: 400, height: 300 }, FRAME, AREA), { x: 238, y: 129, width: 400, height: 300 });
  assert.equal(findPlace({ x: -50, y: 0, width: 400, height: 300 }, FRAME, AREA), { x: 0, y: 0, width: 400, height: 300 });
});

test('one that is larger is made smaller', () => {
  assert.equal(findPlace({ x: 481, y: 24, width: 799, height: 669 }, FRAME, AREA), { x: 0, y: 0, width: 638, height: 429 });
});

const toGeometry = (x: number, y: number, width: number, height: number) =>
  `\nxwininfo: Window id: 0x1 "a"\n\n  Absolute upper-left X:  ${x}\n  Absolute upper-left Y:  ${y}\n  Relative upper-left X:  5\n  Width: ${width}\n  Height: ${height}\n`;
const WINDOWS: Record<string, { about: string; geometry: string }> = {
  '0x1': {
    about: '_NET_WM_WINDOW_TYPE = _NET_WM_WINDOW_TYPE_DOCK\n_NET_WM_STRUT_PARTIAL = 0, 0, 0, 26, 0, 0, 0, 0, 0, 0, 0, 1279',
    geometry: toGeometry(0, 694, 1280, 26),
  },
  '0x2': { about: '_NET_WM_STATE = _NET_WM_STATE_FULLSCREEN', geometry: toGeometry(0, 0, 1280, 720) },
  '0x3': {
    about: '_NET_WM_WINDOW_TYPE = _NET_WM_WINDOW_TYPE_NORMAL\n_NET_WM_STATE:  not found.\n_NET_FRAME_EXTENTS = 1, 1, 24, 1',
    geometry: toGeometry(481, 24, 799, 669),
  },
  '0x4': { about: '_NET_WM_WINDOW_TYPE = _NET_WM_WINDOW_TYPE_NORMAL', geometry: toGeometry(1, 24, 40, 40) },
};

test('panels and what fills the screen are left alone, and one that is closed meanwhile keeps no other from being moved', async () => {
  const moved: string[] = [];
  await fitWindows({ width: 640, height: 480 }, async (program, args) => {
    if (args[0] === '-root') return '_NET_CLIENT_LIST(WINDOW): window id # 0x5, 0x1, 0x2, 0x3, 0x4\n';
    const { about, geometry } = WINDOWS[args.find((word) => word.startsWith('0x'))!]!;
    if (program === 'xprop') return about;
    if (program === 'xwininfo') return geometry;
    moved.push(args.join(' '));
    return '';
  });
  assert.equal(moved, ['windowsize 0x3 638 429 windowmove 0x3 0 0']);
});

test.run();
