import type { Browser } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { Board } from '#test/board';
import { startBrowser } from '#test/browser';
import { diffCensus, takeCensus } from '#test/census';
import { readCounter } from '#test/counter';
import { makeInternet } from '#test/internet';
import { isLong } from '#test/long';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';

const test = suite('a desktop in the page', { timeoutMs: 90_000 });

const oriel = new Oriel();
const target = new TargetServer();
const board = new Board(target);
/** A place inside the terminal window at start-up. */
const TERMINAL = { x: 300, y: 300 };
let browser: Browser;
let viewer: ViewerPage;
let link = '';
let before: string[] = [];

test.before(async () => {
  makeInternet();
  before = takeCensus();
  await target.start();
  ({ link } = await oriel.start());
  browser = await startBrowser();
  viewer = await ViewerPage.open(browser, link);
});

test.after(async () => {
  await browser?.close();
  await oriel.interrupt();
  await target.stop();
  oriel.removeFiles();
});

test('terminal and browser windows are there', async () => {
  const [, origin, sessionId, token] = /^(.*)\/desktop\?session=(s-[a-z2-7]+)\S*#token=(\S+)$/.exec(link)!;
  for (const until = Date.now() + 20_000 * PACE; ; await sleep(100)) {
    const { marks } = (await (
      await fetch(`${origin}/api/auth/session/${sessionId}`, { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { marks: Record<string, number> };
    if (marks.terminal && marks.chromium) break;
    assert.ok(Date.now() < until, `marks after 20 s: ${JSON.stringify(marks)}`);
  }
  if (process.env.ORIEL_SCREENSHOT) {
    await viewer.click(TERMINAL.x, TERMINAL.y);
    await sleep(2_000 * PACE); // the sharp picture
    await viewer.page.screenshot({ path: process.env.ORIEL_SCREENSHOT });
  }
  await takeTerminal(viewer, target);
});

for (const text of [
  '~!@#$%^&*()_+{}|:"<>?',
  'äöüß€',
  "The quick brown fox jumps over 1234567890 lazy dogs -=[]\\;',./`",
  'ÄÖÜéèñçøåœ漢字ก',
]) {
  test(`typed text arrives exactly: ${text}`, async () => {
    await viewer.click(TERMINAL.x, TERMINAL.y);
    const path = `/typed/${Buffer.from(text).toString('hex').slice(0, 16)}`;
    // set +H: bash would expand the exclamation mark.
    await viewer.type(`set +H; cat >/tmp/typed <<'E'\n${text}\nE\ncurl -s --data-binary @/tmp/typed ${target.url}${path}\n`);
    const { body } = await target.waitFor(text, (received) => received.path === path);
    assert.is(body, `${text}\n`);
  });
}

test('how long a key takes to its picture is known: the desktop stood still before', async () => {
  const { answerMs } = await (await viewer.element()).evaluate((element) => element.stats);
  assert.ok(answerMs !== undefined && answerMs > 0 && answerMs < 2000, `${answerMs} ms`);
});

test('the whole desktop can be given to one page', async () => {
  await viewer.click(TERMINAL.x, TERMINAL.y);
  await viewer.type(`chromium --user-data-dir=/tmp/board --no-first-run --kiosk ${target.url}/board >/dev/null 2>&1 &\n`);
  const { width, height } = await (await viewer.element()).evaluate(({ desktopSize }) => desktopSize);
  await target.waitFor(
    `the board in ${width}x${height}`,
    ({ path, body }) => path === '/board/open' && body === `${width}x${height}`,
    30_000 * PACE,
  );
  await sleep(1_000);
});

for (const size of [
  { width: 1280, height: 800 },
  { width: 1003, height: 701 },
]) {
  test(`clicks land within a pixel at the corners and in the middle, viewer ${size.width}×${size.height}`, async () => {
    await viewer.page.setViewportSize(size);
    await sleep(200);
    const { width, height } = await (await viewer.element()).evaluate((element) => element.desktopSize);
    for (const [x, y] of [
      [0, 0],
      [width - 1, 0],
      [0, height - 1],
      [width - 1, height - 1],
      [Math.floor(width / 2), Math.floor(height / 2)],
    ] as const) {
      board.clear();
      await viewer.click(x, y);
      const [down] = await board.wait(`mousedown at ${x},${y}`, ({ type }) => type === 'mousedown');
      assert.ok(Math.abs(down!.x - x) <= 1 && Math.abs(down!.y - y) <= 1, `click at ${x},${y} landed at ${down!.x},${down!.y}`);
      await board.wait('mouseup', ({ type }) => type === 'mouseup');
    }
  });
}

test('a drag holds the button all the way', async () => {
  board.clear();
  await viewer.moveTo(300, 300);
  await viewer.page.mouse.down();
  for (let step = 1; step <= 10; step++) await viewer.moveTo(300 + step * 20, 300 + step * 10);
  await viewer.page.mouse.up();
  const [up] = await board.wait('mouseup', ({ type }) => type === 'mouseup');
  assert.ok(Math.abs(up!.x - 500) <= 1 && Math.abs(up!.y - 400) <= 1, `let go at ${up!.x},${up!.y}`);
  const moves = board.events.filter(({ type, buttons }) => type === 'mousemove' && buttons === 1);
  assert.ok(moves.length >= 3, `${moves.length} moves with the button held`);
});

test('the wheel scrolls both ways', async () => {
  for (const delta of [120, -120]) {
    board.clear();
    await viewer.moveTo(640, 400);
    await viewer.page.mouse.wheel(0, delta);
    const [wheel] = await board.wait('wheel', ({ type }) => type === 'wheel');
    assert.is(Math.sign(wheel!.deltaY), Math.sign(delta));
  }
});

test('a double click is one', async () => {
  board.clear();
  // As a hand does it: two presses in one millisecond of the X server are one to the desktop's browser.
  await viewer.click(640, 400, { clickCount: 2, delay: 20 });
  await board.wait('dblclick', ({ type }) => type === 'dblclick');
});

test('a right click is one', async () => {
  board.clear();
  await viewer.click(640, 400, { button: 'right' });
  await board.wait('contextmenu', ({ type }) => type === 'contextmenu');
  const [down] = await board.wait('mousedown', ({ type }) => type === 'mousedown');
  assert.is(down!.button, 2);
});

test('a key held while the page loses focus is released', async () => {
  board.clear();
  await viewer.cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'k', code: 'KeyK', text: 'k' });
  await board.wait('keydown', ({ type, key }) => type === 'keydown' && key === 'k');
  assert.not.ok(
    board.events.some(({ type }) => type === 'keyup'),
    'held until now',
  );
  await viewer.page.evaluate(() => {
    const other = document.createElement('input');
    document.body.append(other);
    other.focus();
    other.remove();
  });
  await board.wait('keyup', ({ type, key }) => type === 'keyup' && key === 'k');
  await viewer.cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'k', code: 'KeyK' });
});

test(
  'the picture lives: its counter goes on and on, for two minutes at night',
  async () => {
    const seconds = Number(process.env.ORIEL_LIVE_SECONDS ?? (isLong ? 120 : 25));
    let last = await readCounter(viewer);
    let lastChange = Date.now();
    for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(200)) {
      const now = await readCounter(viewer);
      if (now !== null && now !== last) {
        assert.ok(last === null || now > last, `the counter went from ${last} to ${now}`);
        last = now;
        lastChange = Date.now();
      }
      assert.ok(Date.now() - lastChange < 5_000, `the counter stands at ${last} for 5 s`);
    }
    assert.ok(last !== null && last >= (seconds * 9) / PACE, `the counter came to ${last} only`);
  },
  { timeoutMs: 150_000 },
);

test('the picture comes from the capture on damage, not from its fallback', async () => {
  const stats = await (await viewer.element()).evaluate((element) => element.stats);
  assert.is(stats.encoder?.encoder, 'oriel-capture', JSON.stringify(stats));
});

test('the page wrote no error or warning', () => {
  assert.equal(viewer.console, []);
});

test('Ctrl-C leaves nothing behind', async () => {
  await browser.close();
  assert.is(await oriel.interrupt(), 0);
  assert.equal(diffCensus(before, takeCensus()), []);
});

test.run();
