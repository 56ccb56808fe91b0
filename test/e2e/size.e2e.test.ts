import { setTimeout as sleep } from 'node:timers/promises';
import type { Viewer } from '#contract/viewer';
import type { Browser } from 'playwright-core';
import { Api, waitForMarks } from '#test/api';
import { Board, BOARD_PAGE } from '#test/board';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { connectPeer, readIgnored, sendMessages } from '#test/peer-page';
import { readSharpness, STRIPES } from '#test/sharpness';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { readSizes, resizeStage, waitForDesktop, type Size } from '#test/stage';
import { ViewerPage } from '#test/viewer';

const test = suite('the desktop follows its viewer', { timeoutMs: 120_000 });

const oriel = new Oriel({ env: { ORIEL_DISPLAY_RESIZE: '1' } });
const target = new TargetServer();
const board = new Board(target);
/** Chromium's windows are no narrower. */
const CHROMIUM_LEAST = 500;
/** Less is a picture whose pixels are not the screen's; text of one pixel's width is grey then. */
const SHARP = 150;
let browser: Browser;
let viewer: ViewerPage;
let session: Awaited<ReturnType<Oriel['start']>>;
let pictures = 0;
let looks = 0;

test.before(async () => {
  makeInternet();
  await target.start();
  session = await oriel.start();
  browser = await startBrowser();
  // What comes up later takes the keyboard.
  await waitForMarks(new Api(session.origin, session.apiKey), session.sessionId, ['terminal', 'chromium']);
  viewer = await ViewerPage.open(browser, session.link);
  pictures = await viewer.countPictures();
});

test.after(async () => {
  await browser?.close();
  await oriel.interrupt();
  await target.stop();
  oriel.removeFiles();
});

test('the desktop has the size of its element in the page', async () => {
  const { stage } = await readSizes(viewer);
  assert.is(stage.width, 1280);
  await waitForDesktop(viewer, toEven(stage));
});

test('panel, terminal and browser are there in a small one, and no part of them is outside', async () => {
  // It stays above the browser, which does not fit beside it.
  await takeTerminal(viewer, target);
  await resizeStage(viewer, { width: 640, height: 480 });
  await waitForDesktop(viewer, { width: 640, height: 480 });
  let windows = await readWindows();
  const isInside = () =>
    windows.length >= 3 &&
    windows.every(({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= 640 && y + height <= 480) &&
    // The terminal's last line is not behind the panel.
    windows.some(({ width, y, height }) => width > 300 && height > 100 && y + height < 456);
  for (const until = Date.now() + 5_000 * PACE; !isInside() && Date.now() < until; await sleep(200)) windows = await readWindows();
  await shoot('small');
  assert.ok(isInside(), JSON.stringify(windows));
});

test('a page that fills the desktop fills each size, without another connection', async () => {
  await resizeStage(viewer, { width: 1280, height: 720 });
  await waitForDesktop(viewer, { width: 1280, height: 720 });
  target.page('/sharp', BOARD_PAGE.replace('</style>', `</style>${STRIPES}`));
  await takeTerminal(viewer, target);
  await viewer.type(`chromium --user-data-dir=/tmp/board --no-first-run --kiosk ${target.url}/sharp >/dev/null 2>&1 &\n`);
  await waitForBoard({ width: 1280, height: 720 });
});

for (const size of [
  { width: 320, height: 240 },
  { width: 1003, height: 701 },
  { width: 3840, height: 2160 },
  { width: 1280, height: 768 },
])
  test(`${size.width} × ${size.height}: sharp, and clicks land exactly at the corners`, async () => {
    await resizeStage(viewer, size);
    const even = toEven(size);
    await waitForDesktop(viewer, even);
    await waitForBoard(even);
    await waitForSharp(viewer);
    await clickCorners(viewer, even);
    await shoot(`${size.width}`);
    assert.is(await viewer.countPictures(), pictures, 'it is the same connection');
  });

test('an element smaller or larger than a desktop may be shows a scaled one', async () => {
  for (const [stage, desktop] of [
    [
      { width: 260, height: 200 },
      { width: 320, height: 240 },
    ],
    [
      { width: 4200, height: 2300 },
      { width: 3840, height: 2160 },
    ],
  ] as const) {
    await resizeStage(viewer, stage);
    await waitForDesktop(viewer, desktop);
  }
});

test('30 changes of size in a row end at the right one, sharp, on the same connection', async () => {
  for (let turn = 0; turn < 30; turn++) {
    const size = { width: 700 + 20 * ((turn * 7) % 30), height: 500 + 10 * ((turn * 11) % 30) };
    await resizeStage(viewer, size);
    // The first half one by one, the second faster than a desktop can follow.
    if (turn < 15) await waitForDesktop(viewer, size);
    else await sleep(40);
  }
  await resizeStage(viewer, { width: 1100, height: 650 });
  await waitForDesktop(viewer, { width: 1100, height: 650 });
  await waitForBoard({ width: 1100, height: 650 });
  await waitForSharp(viewer);
  await clickCorners(viewer, { width: 1100, height: 650 });
  assert.is(await viewer.countPictures(), pictures, 'it is the same connection');
});

test('one that scales leaves the desktop as it is, and its picture is not sharp', async () => {
  await setAttribute(viewer, 'resize', 'scale');
  await resizeStage(viewer, { width: 900, height: 600 });
  await sleep(1_000);
  await waitForDesktop(viewer, { width: 1100, height: 650 });
  const sharpness = await readSharpness(viewer);
  assert.ok(sharpness < SHARP, `${sharpness}`);
  await setAttribute(viewer, 'resize', 'desktop');
  await waitForDesktop(viewer, { width: 900, height: 600 });
  await waitForSharp(viewer);
});

test('of several viewers the one has it who used the desktop last; with two pixels of the screen to one of the page it is sharp, too', async () => {
  const context = await browser.newContext({ viewport: { width: 700, height: 500 }, deviceScaleFactor: 2 });
  const second = await ViewerPage.goTo(context, session.link);
  await second.waitForPicture(15_000 * PACE);
  const { stage } = await readSizes(second);
  assert.is(stage.width, 1400);
  await sleep(1_000);
  await waitForDesktop(viewer, { width: 900, height: 600 });
  await second.click(300, 300);
  await waitForDesktop(second, toEven(stage));
  await waitForSharp(second);
  await clickCorners(second, toEven(stage));
  await shoot('of-two', second);
  await shoot('of-two-scaled');
  await second.close();
  await waitForDesktop(viewer, { width: 900, height: 600 });
});

test('one who may only look sees it scaled, and cannot choose the size by any message', async () => {
  const looker = await issue('view');
  const context = await browser.newContext({ viewport: { width: 500, height: 400 } });
  const page = await ViewerPage.goTo(context, looker.url);
  await page.waitForPicture(15_000 * PACE);
  await sleep(1_000);
  await waitForDesktop(page, { width: 900, height: 600 });
  const size = JSON.stringify({ t: 'size', width: 800, height: 500 });
  assert.is(await ignored(page, looker, [size]), 1);
  await waitForDesktop(viewer, { width: 900, height: 600 });
  await page.close();
});

test('what is no size is dropped and counted; a size is obeyed', async () => {
  const other = await issue('control');
  const page = await ViewerPage.goTo(await browser.newContext({ viewport: { width: 500, height: 400 } }), other.url);
  await page.waitForPicture(15_000 * PACE);
  const wrong = [
    { t: 'size' },
    { t: 'size', width: 0, height: 600 },
    { t: 'size', width: -800, height: 600 },
    { t: 'size', width: 800.5, height: 600 },
    { t: 'size', width: '800; reboot', height: 600 },
    { t: 'size', width: 1e9, height: 600 },
  ].map((message) => JSON.stringify(message));
  const used = JSON.stringify({ t: 'wheel', dx: 0, dy: 1, x: 5, y: 5 });
  assert.is(await ignored(page, other, wrong, used), wrong.length);
  await waitForDesktop(viewer, { width: 900, height: 600 });
  assert.is(await ignored(page, other, [JSON.stringify({ t: 'size', width: 810, height: 510 })], used), 0);
  await waitForDesktop(viewer, { width: 810, height: 510 });
  await page.close();
  // It goes without a word, and is missed after a while.
  await waitForDesktop(viewer, { width: 900, height: 600 }, 30_000 * PACE);
});

test('the page wrote no error or warning', () => {
  assert.equal(viewer.console, []);
});

/** Where the windows of the desktop are, by its own programs, and how large. */
async function readWindows(): Promise<(Size & { x: number; y: number })[]> {
  const path = `/windows/${++looks}`;
  const each = 'for w in $(xprop -root _NET_CLIENT_LIST | grep -o "0x[0-9a-f]*"); do xwininfo -id $w; done';
  await viewer.type(`(${each}) | curl -s --data-binary @- ${target.url}${path}\n`);
  const { body } = await target.waitFor('the windows', (received) => received.path === path);
  return [...body.matchAll(/upper-left X: +(-?\d+)\n +Absolute upper-left Y: +(-?\d+)[^]*?Width: (\d+)\n +Height: (\d+)/g)].map((found) => {
    const [x, y, width, height] = found.slice(1).map(Number) as [number, number, number, number];
    return { x, y, width, height };
  });
}

async function waitForBoard({ width, height }: Size): Promise<void> {
  const until = Date.now() + 20_000 * PACE;
  const last = () => target.received.findLast(({ path }) => path === '/board/open')?.body;
  const wanted = `${Math.max(width, CHROMIUM_LEAST)}x${height}`;
  while (last() !== wanted && Date.now() < until) await sleep(50);
  assert.is(last(), wanted, 'the size that the page on the desktop has');
}

async function waitForSharp(page: ViewerPage): Promise<void> {
  let sharpness = 0;
  for (const until = Date.now() + 6_000 * PACE; Date.now() < until; await sleep(100))
    if ((sharpness = await readSharpness(page)) >= SHARP) return;
  assert.ok(false, `neighbours of the stripes differ by ${sharpness}, ${SHARP} wanted; ${await page.describe()}`);
}

async function clickCorners(page: ViewerPage, { width, height }: Size): Promise<void> {
  for (const [x, y] of [
    [0, 0],
    [width - 1, 0],
    [0, height - 1],
    [width - 1, height - 1],
  ] as const) {
    board.clear();
    await page.click(x, y);
    const [down] = await board.wait(`mousedown at ${x},${y}`, ({ type }) => type === 'mousedown');
    assert.ok(down!.x === x && down!.y === y, `click at ${x},${y} landed at ${down!.x},${down!.y}`);
    await board.wait('mouseup', ({ type }) => type === 'mouseup');
  }
}

async function setAttribute(page: ViewerPage, name: string, value: string): Promise<void> {
  await (await page.element()).evaluate((element, [name, value]) => element.setAttribute(name!, value!), [name, value]);
}

/** How many of these messages the guest dropped. */
async function ignored(page: ViewerPage, { token }: Viewer, messages: string[], first?: string): Promise<number> {
  assert.is(await connectPeer(page.page, { sessionId: session.sessionId, token }, 15_000 * PACE), 'connected');
  if (first) await sendMessages(page.page, { messages: [first], channels: ['input'], perSecond: 1, seconds: 1 });
  await sendMessages(page.page, { messages, channels: ['control'], perSecond: messages.length, seconds: 1 });
  await sleep(1_500);
  return readIgnored(page.page);
}

async function issue(role: 'view' | 'control'): Promise<Viewer> {
  const api = new Api(session.origin, session.apiKey);
  const { status, body } = await api.ask<Viewer>(`POST /api/auth/session/${session.sessionId}/viewers`, { body: { role } });
  assert.is(status, 200);
  return body;
}

function toEven({ width, height }: Size): Size {
  return { width: width - (width % 2), height: height - (height % 2) };
}

/** For people. */
async function shoot(name: string, page = viewer): Promise<void> {
  if (process.env.ORIEL_SCREENSHOT) await page.page.screenshot({ path: `${process.env.ORIEL_SCREENSHOT}-${name}.png` });
}

test.run();
