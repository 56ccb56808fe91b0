import { setTimeout as sleep } from 'node:timers/promises';
import { startBrowser } from '#test/browser';
import { Desk } from '#test/desk';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { XSeat } from '#test/x-seat';

/* A mouse of a second X server, as hardware moves it, in a headed Chromium: what DevTools make up has no motion while a pointer is locked. */
const test = suite('pointer lock', { timeoutMs: 60_000 });

const ESCAPE = 9;
let seat: XSeat;
const desk = new Desk({ openBrowser: () => startBrowser({ display: seat.display }) });

test.before(async () => {
  seat = await XSeat.start();
  await desk.start();
  await seat.focus('chromium');
});

test.after(async () => {
  await desk.stop();
  await seat.stop();
});

test('a locked pointer tells its motion, far beyond the edge of the page, and clicks where the desktop has it', async () => {
  await lock();
  const first = await click();
  await desk.viewer.page.evaluate(countMotion);
  await seat.moveMouse(90, -35);
  const second = await click();
  const motion = await readMotion();
  assert.ok(motion.x > 60 && motion.y < -20, `the browser says of the motion: ${JSON.stringify(motion)}`);
  assertNear({ x: second.x - first.x, y: second.y - first.y }, motion);
  // The screen is 1,400 pixels wide: whoever tells places comes to its end. Of a hasty hand the browser itself loses some motion.
  const far = motion.x - 1_400;
  for (let turn = 0; turn < 20 && (await readMotion()).x > far; turn++) await seat.moveMouse(-200, 0);
  assert.ok((await readMotion()).x <= far, JSON.stringify(await readMotion()));
  assert.is((await click()).x, 0, 'the desktop has an edge');
});

test('a drag has its button held while it moves', async () => {
  await seat.moveMouse(300, 0);
  await click();
  desk.board.clear();
  await seat.dragMouse(40, 0);
  await desk.board.wait('the button let go', ({ type }) => type === 'mouseup');
  const types = desk.board.events.map(({ type, buttons }) => (type === 'mousemove' ? `${type} ${buttons}` : type));
  assert.is(types[0], 'mousedown');
  assert.ok(types.includes('mousemove 1'), types.join());
});

test('Escape gives the pointer back: it clicks where it is', async () => {
  await seat.press(ESCAPE);
  await waitForLock(false);
  const { x, y } = await desk.viewer.toPage(900, 100);
  desk.board.clear();
  await desk.viewer.page.mouse.click(x, y);
  assertNear(await nextClick(), { x: 900, y: 100 });
  assert.equal(desk.viewer.console, []);
});

async function lock(): Promise<void> {
  await desk.viewer.moveTo(700, 100);
  await desk.viewer.page.getByRole('button', { name: 'Lock pointer' }).click();
  await waitForLock(true);
}

async function waitForLock(wanted: boolean): Promise<void> {
  const isLocked = () => desk.viewer.page.evaluate(() => document.querySelector('oriel-desktop')!.shadowRoot!.pointerLockElement !== null);
  for (const until = Date.now() + 5_000 * PACE; (await isLocked()) !== wanted; await sleep(50))
    assert.ok(Date.now() < until, wanted ? 'the pointer is not locked' : 'the pointer is still locked');
}

async function click(): Promise<{ x: number; y: number }> {
  desk.board.clear();
  await seat.clickMouse();
  return nextClick();
}

async function nextClick(): Promise<{ x: number; y: number }> {
  const [down] = await desk.board.wait('a click', ({ type }) => type === 'mousedown');
  return down!;
}

function assertNear(is: { x: number; y: number }, wanted: { x: number; y: number }): void {
  assert.ok(Math.abs(is.x - wanted.x) <= 2 && Math.abs(is.y - wanted.y) <= 2, `${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
}

/** In the page: sums what the browser says of the locked pointer's motion. */
function countMotion(): void {
  const sum = { x: 0, y: 0 };
  Object.assign(globalThis, { motion: sum });
  document.addEventListener('pointermove', ({ movementX, movementY }) => void ((sum.x += movementX), (sum.y += movementY)), {
    capture: true,
  });
}

function readMotion(): Promise<{ x: number; y: number }> {
  return desk.viewer.page.evaluate(() => (globalThis as unknown as { motion: { x: number; y: number } }).motion);
}

test.run();
