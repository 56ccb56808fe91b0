import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { waitForCounter } from '#test/counter';
import { Desk } from '#test/desk';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

/* What a person finds around the desktop: with a mouse, with fingers, with a keyboard alone, with a screen reader. */
const test = suite('viewer: page', { timeoutMs: 90_000 });

const desk = new Desk({ env: { ORIEL_WATERMARK: 'internal · {session}', ORIEL_AUDIO: 'on' } });
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } satisfies BrowserContextOptions;
const MONITOR = { viewport: { width: 1280, height: 800 } } satisfies BrowserContextOptions;
let phone: ViewerPage;

test.before(() => desk.start());
test.after(() => desk.stop());

for (const [device, options] of Object.entries({ monitor: MONITOR, phone: PHONE }))
  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing serious on any page, ${device}, ${colorScheme}`, async () => {
      const context = await desk.browser.newContext({ ...options, colorScheme });
      for (const path of ['/', '/operator', '/desktop']) {
        const page = await context.newPage();
        await page.goto(path === '/desktop' ? desk.session.link : `${desk.session.origin}${path}`);
        if (path === '/desktop')
          for (const name of ['Details', 'Clipboard']) await page.getByRole('button', { name }).click({ timeout: 15_000 * PACE });
        assert.equal(await findSerious(page), [], path);
        await picture(page, `${device}-${colorScheme}${path.replace('/', '-')}`);
      }
      await context.close();
    });

test('how the connection is can be seen, anew each second, and clicks go through it', async () => {
  const { page } = desk.viewer;
  await page.getByRole('button', { name: 'Details' }).click();
  const panel = page.locator('#connection');
  const read = async (name: string) => (await panel.locator(`div:has(dt:text-is("${name}")) dd`).textContent())!;
  await panel.getByText('Encoder').waitFor({ timeout: 10_000 * PACE });
  assert.is(await read('Way'), 'WebRTC, VP8, direct');
  assert.match(await read('Encoder'), /^oriel-capture, [1-9]\d* fps, /);
  assert.match(await read('Round trip'), /^[\d.]+ ms$/);
  await panel.getByText('Lost packets').waitFor({ timeout: 10_000 * PACE });
  assert.match(await read('Pictures'), /^[1-9]\d? fps$/);
  const box = (await panel.boundingBox())!;
  desk.board.clear();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await desk.board.wait('a click under the panel', ({ type }) => type === 'mousedown');
  await picture(page, 'details');
  await page.getByRole('button', { name: 'Details' }).click();
  assert.not.ok(await panel.isVisible());
});

test('the watermark is over the whole desktop, however large, and clicks go through it', async () => {
  const { page } = desk.viewer;
  // Of each quarter the share that something is drawn on.
  const shares = await page.evaluate(() => {
    const canvas = document.querySelector('oriel-desktop')!.shadowRoot!.querySelector<HTMLCanvasElement>('.watermark')!;
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
    const drawn = [0, 0, 0, 0];
    for (let pixel = 0; pixel < width * height; pixel++)
      if (data[pixel * 4 + 3]! > 0) drawn[(pixel % width < width / 2 ? 0 : 1) + (pixel < (width * height) / 2 ? 0 : 2)]! += 1;
    return drawn.map((count) => count / ((width * height) / 4));
  });
  assert.ok(
    shares.every((share) => share > 0.01 && share < 0.3),
    JSON.stringify(shares),
  );
  desk.board.clear();
  await desk.viewer.click(900, 100);
  await desk.board.wait('a click under the watermark', ({ type }) => type === 'mousedown');
  assert.is((await desk.readSession()).watermark, `internal · ${desk.session.sessionId}`);
});

test('axe finds what is wrong, where something is', async () => {
  const page = await desk.browser.newPage();
  await page.setContent('<html><body><img src="data:,"><button></button></body></html>');
  assert.ok((await findSerious(page)).length >= 2);
  await page.close();
});

test('a tap is a click where the finger was, held still it is a right click, two fingers scroll', async () => {
  phone = await ViewerPage.goTo(await desk.browser.newContext(PHONE), desk.session.link);
  await phone.waitForPicture(20_000 * PACE);
  const { board } = desk;
  board.clear();
  const point = await phone.toPage(640, 150);
  await phone.page.touchscreen.tap(point.x, point.y);
  const [down] = await board.wait('a click', ({ type }) => type === 'mousedown');
  assert.ok(down!.button === 0 && Math.abs(down!.x - 640) <= 4 && Math.abs(down!.y - 150) <= 4, JSON.stringify(down));
  board.clear();
  await touch('touchStart', [point]);
  await board.wait('a right click', ({ type, button }) => type === 'mousedown' && button === 2, 1, 5_000 * PACE);
  await touch('touchEnd', []);
  board.clear();
  const fingers = (dy: number) => [-20, 20].map((dx) => ({ x: point.x + dx, y: point.y + dy }));
  await touch('touchStart', fingers(0));
  for (let step = 1; step <= 10; step++) await touch('touchMove', fingers(step * -6));
  await touch('touchEnd', []);
  const [wheel] = await board.wait('the wheel', ({ type }) => type === 'wheel');
  assert.ok(wheel!.deltaY > 0, 'fingers that go up show what is below');
  assert.not.ok(board.events.some(({ type }) => type === 'mousedown'));
});

test('on a phone the keyboard has a button, and the keys that it lacks; a modifier holds until the next key', async () => {
  await phone.page.getByRole('button', { name: 'Keyboard' }).tap();
  const mode = () => phone.page.locator('textarea.keys').getAttribute('inputmode');
  assert.is(await mode(), 'text');
  desk.board.clear();
  await phone.page.getByRole('button', { name: 'Ctrl' }).tap();
  await desk.board.wait('Control', ({ type, key }) => type === 'keydown' && key === 'Control');
  assert.is(await phone.page.getByRole('button', { name: 'Ctrl' }).getAttribute('aria-pressed'), 'true');
  desk.board.clear();
  await phone.page.getByRole('button', { name: 'Left' }).tap();
  await desk.board.wait('Control and Left', ({ type, key }) => type === 'keyup' && key === 'Control');
  const keys = desk.board.events.filter(({ type }) => type.startsWith('key')).map(({ type, key }) => `${type} ${key}`);
  assert.equal(keys, ['keydown ArrowLeft', 'keyup ArrowLeft', 'keyup Control']);
  await picture(phone.page, 'phone-keys');
  await phone.page.getByRole('button', { name: 'Keyboard' }).tap();
  assert.is(await mode(), 'none');
  assert.equal(phone.console, []);
  await phone.close();
});

test('full screen has no bar over the desktop until it is wanted, and the picture goes on', async () => {
  const { page } = desk.viewer;
  await page.getByRole('button', { name: 'Full screen' }).click();
  await page.waitForFunction(() => document.fullscreenElement?.localName === 'oriel-desktop');
  await waitForCounter(desk.viewer);
  await page.getByRole('button', { name: 'Leave full screen' }).focus();
  await picture(page, 'full-screen');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => !document.fullscreenElement);
});

test('from right to left the page is mirrored, and the desktop is not: a click lands where it is made', async () => {
  const context = await desk.browser.newContext(MONITOR);
  await context.addInitScript(() => document.addEventListener('DOMContentLoaded', () => (document.documentElement.dir = 'rtl')));
  const mirrored = await ViewerPage.goTo(context, desk.session.link);
  await mirrored.waitForPicture(20_000 * PACE);
  const placeOf = async ({ page }: ViewerPage, name: string) => (await page.getByRole('button', { name, exact: true }).boundingBox())!.x;
  const [switchTo, minimise] = ['Switch to VNC', 'Minimise'];
  assert.ok((await placeOf(desk.viewer, switchTo)) < (await placeOf(desk.viewer, minimise)), 'from left to right');
  assert.ok((await placeOf(mirrored, switchTo)) > (await placeOf(mirrored, minimise)), 'from right to left');
  for (const [x, y] of [
    [900, 100],
    [1000, 150],
  ] as const) {
    desk.board.clear();
    await mirrored.click(x, y);
    const [down] = await desk.board.wait('a click', ({ type }) => type === 'mousedown');
    assert.ok(Math.abs(down!.x - x) <= 1 && Math.abs(down!.y - y) <= 1, JSON.stringify(down));
  }
  await picture(mirrored.page, 'right-to-left');
  const operator = await context.newPage();
  await operator.goto(`${desk.session.origin}/operator`);
  await picture(operator, 'right-to-left-operator');
  assert.equal(mirrored.console, []);
  await context.close();
});

test('a key held when the connection is lost is let go on the desktop', async () => {
  const { board, viewer } = desk;
  await viewer.click(640, 150);
  board.clear();
  await viewer.cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'k', code: 'KeyK', text: 'k' });
  await board.wait('keydown', ({ type, key }) => type === 'keydown' && key === 'k');
  await viewer.closePeerConnection();
  await board.wait('keyup', ({ type, key }) => type === 'keyup' && key === 'k', 1, 15_000 * PACE);
  await viewer.cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'k', code: 'KeyK' });
});

test('the page wrote no error or warning', () => {
  assert.equal(desk.viewer.console, []);
});

async function findSerious(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { impact: string; id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => ['serious', 'critical'].includes(impact))
      .map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(', ')}`);
  });
}

async function touch(type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]): Promise<void> {
  await phone.cdp.send('Input.dispatchTouchEvent', { type, touchPoints });
}

/** For who wants to look at it. */
async function picture(page: Page, name: string): Promise<void> {
  const prefix = process.env.ORIEL_SCREENSHOT;
  if (prefix) await page.screenshot({ path: `${prefix}-${name}.png` });
}

test.run();
