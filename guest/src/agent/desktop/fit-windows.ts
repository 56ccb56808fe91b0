import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Size } from '../input/words.ts';

const LOOKS = 8;
const LOOK_MS = 200;
/** Each takes some 10 ms; a minute says that X hangs. */
const TIMEOUT_MS = 60_000;

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

/** Runs a program of X, resolves with what it says. Rejects when it fails. */
export type RunX = (program: 'xprop' | 'xwininfo' | 'xdotool', args: string[]) => Promise<string>;

/** `env`: DISPLAY and XAUTHORITY. */
export function createRunX(env: NodeJS.ProcessEnv): RunX {
  const run = promisify(execFile);
  return async (program, args) => (await run(program, args, { env, timeout: TIMEOUT_MS })).stdout;
}

/**
 * Brings back the windows of which a smaller screen has left a part outside: the window manager does not. Those that fill the screen, panels
 * and the background follow it by themselves. Rejects when X does not answer.
 */
export async function fitWindows(size: Size, run: RunX): Promise<void> {
  let root = '';
  // The panel takes its place a little later than the screen its size.
  for (let looks = 0; looks < LOOKS; looks++, await sleep(LOOK_MS)) {
    root = await run('xprop', ['-root', '-notype', '_NET_CLIENT_LIST', '_NET_WORKAREA']);
    if (isOf(size, readArea(root))) break;
  }
  const area = within(readArea(root), size);
  const ids = root.match(/^_NET_CLIENT_LIST.*$/m)?.[0].match(/0x[0-9a-f]+/g) ?? [];
  // One that is closed meanwhile is none.
  await Promise.all(ids.map((id) => fit(id, area, run).catch(() => {})));
}

async function fit(id: string, area: Box, run: RunX): Promise<void> {
  const about = await run('xprop', ['-id', id, '-notype', '_NET_WM_WINDOW_TYPE', '_NET_WM_STATE', '_NET_FRAME_EXTENTS']);
  if (/_TYPE_(DOCK|DESKTOP)|_STATE_(FULLSCREEN|MAXIMIZED|HIDDEN)/.test(about)) return;
  const [left = 0, right = 0, top = 0, bottom = 0] = (/^_NET_FRAME_EXTENTS = (.*)$/m.exec(about)?.[1] ?? '').split(', ').map(Number);
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

/** What panels leave of the screen; undefined where nobody says. */
function readArea(root: string): Box | undefined {
  const [x, y, width, height] = (/^_NET_WORKAREA = (.*)$/m.exec(root)?.[1] ?? '').split(', ').map(Number);
  return height === undefined ? undefined : { x: x!, y: y!, width: width!, height };
}

/** Whether it is of a screen of this size, and not of the one before, which was larger or smaller. */
function isOf(size: Size, area: Box | undefined): boolean {
  return area !== undefined && area.x + area.width === size.width && area.y + area.height <= size.height;
}

function within(area: Box | undefined, size: Size): Box {
  const { x, y, width, height } = area ?? { x: 0, y: 0, ...size };
  return { x, y, width: Math.min(width, size.width - x), height: Math.min(height, size.height - y) };
}
