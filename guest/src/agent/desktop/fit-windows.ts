import type { Size } from '../input/words.ts';
import { parseClientList } from './windows.ts';
import type { RunX } from './x-display.ts';

export interface Box extends Size {
  x: number;
  y: number;
}

/** What the window manager draws around a window, in pixels. */
export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Brings back the windows of which a smaller screen has left a part outside, or behind a panel: the window manager does not. Those that fill the
 * screen, panels and the background follow it by themselves. Rejects when X does not answer.
 */
export async function fitWindows(size: Size, run: RunX): Promise<void> {
  const ids = parseClientList(await run('xprop', ['-root', '_NET_CLIENT_LIST']));
  const all = await Promise.all(ids.map((id) => look(id, run)));
  const windows = all.filter((window) => window !== undefined);
  const area = toArea(size, windows);
  // One that is closed meanwhile is none.
  await Promise.all(windows.filter(({ about }) => !FOLLOWS.test(about)).map((window) => fit(window, area, run).catch(() => {})));
}

interface Window {
  id: string;
  /** Its properties, as xprop prints them. */
  about: string;
}

const FOLLOWS = /_TYPE_(DOCK|DESKTOP)|_STATE_(FULLSCREEN|MAXIMIZED|HIDDEN)/;

async function look(id: string, run: RunX): Promise<Window | undefined> {
  const names = ['_NET_WM_WINDOW_TYPE', '_NET_WM_STATE', '_NET_FRAME_EXTENTS', '_NET_WM_STRUT_PARTIAL'];
  return run('xprop', ['-id', id, '-notype', ...names]).then(
    (about) => ({ id, about }),
    () => undefined,
  );
}

async function fit({ id, about }: Window, area: Box, run: RunX): Promise<void> {
  const [left = 0, right = 0, top = 0, bottom = 0] = readNumbers(about, '_NET_FRAME_EXTENTS');
  // Not xdotool: it counts the frame twice.
  const said = await run('xwininfo', ['-id', id]);
  const read = (name: string) => Number(new RegExp(`^ *${name}: +(-?\\d+)$`, 'm').exec(said)?.[1]);
  const [x, y] = [read('Absolute upper-left X'), read('Absolute upper-left Y')];
  const place = findPlace({ x, y, width: read('Width'), height: read('Height') }, { left, right, top, bottom }, area);
  if (!place) return;
  const [width, height, ...corner] = [place.width, place.height, place.x, place.y].map(String) as [string, string, string, string];
  await run('xdotool', ['windowsize', id, width, height, 'windowmove', id, ...corner]);
}

/** Where a window has to go to be inside: its size, and the corner of its frame. Undefined where it is. */
export function findPlace(window: Box, { left, right, top, bottom }: Frame, area: Box): Box | undefined {
  const width = Math.min(window.width, area.width - left - right);
  const height = Math.min(window.height, area.height - top - bottom);
  const x = clamp(window.x - left, area.x, area.x + area.width - width - left - right);
  const y = clamp(window.y - top, area.y, area.y + area.height - height - top - bottom);
  const isThere = width === window.width && height === window.height && x === window.x - left && y === window.y - top;
  return isThere ? undefined : { width, height, x, y };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

/** What panels leave of the screen, by what they say themselves: the window manager tells nobody. */
function toArea(size: Size, windows: readonly Window[]): Box {
  const struts = windows.map(({ about }) => readNumbers(about, '_NET_WM_STRUT_PARTIAL'));
  const [left, right, top, bottom] = [0, 1, 2, 3].map((side) => Math.max(0, ...struts.map((strut) => strut[side] ?? 0))) as FourNumbers;
  return { x: left, y: top, width: size.width - left - right, height: size.height - top - bottom };
}

type FourNumbers = [number, number, number, number];

/** `NAME = 0, 0, 0, 29` → the numbers; none where there is no such property. */
function readNumbers(about: string, name: string): number[] {
  const value = new RegExp(`^${name} = (.*)$`, 'm').exec(about)?.[1];
  return value === undefined ? [] : value.split(', ').map(Number);
}
