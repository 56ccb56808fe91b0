import { writeFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { PNG } from 'pngjs';
import { createClient, OrielError, type OrielClient } from '../../controller/client/index.ts';
import { Api, waitForMarks } from '#test/api';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';

/* Pictures by API of a desktop on which somebody works: they show what is there, and a moment later what is there then. */
const test = suite('screenshots', { timeoutMs: 90_000 });

const target = new TargetServer();
const oriel = new Oriel();
/** Within the terminal, away from its first lines. */
const PART = { x: 100, y: 300, width: 200, height: 100 };
let browser: Browser;
let viewer: ViewerPage;
let client: OrielClient;
let id = '';

test.before(async () => {
  makeInternet();
  await target.start();
  const { link, origin, apiKey, sessionId } = await oriel.start();
  id = sessionId;
  client = createClient({ baseUrl: origin, token: apiKey });
  await waitForMarks(new Api(origin, apiKey), id, ['terminal', 'chromium']);
  browser = await startBrowser();
  viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * PACE });
  await takeTerminal(viewer, target);
});

test.after(async () => {
  await browser?.close();
  await oriel.interrupt();
  await target.stop();
  oriel.removeFiles();
});

test('one of all the desktop has its size, the black terminal and the bright browser', async () => {
  const png = await take();
  if (process.env.ORIEL_SCREENSHOT) writeFileSync(process.env.ORIEL_SCREENSHOT, PNG.sync.write(png));
  assert.equal([png.width, png.height], [1280, 720]);
  assert.equal(colourAt(png, 200, 500), [0, 0, 0]);
  assert.ok(Math.min(...colourAt(png, 900, 500)) > 200, `the browser is ${colourAt(png, 900, 500).join()}`);
});

test('a part is that part of it, at the moment when it is taken', async () => {
  const isAll = (png: PNG, colour: number[]) =>
    Array.from({ length: png.width * png.height }, (_, i) => colourAt(png, i % png.width, Math.floor(i / png.width))).every(
      (pixel) => pixel.join() === colour.join(),
    );
  const before = await take(PART);
  assert.equal([before.width, before.height], [PART.width, PART.height]);
  assert.ok(isAll(before, [0, 0, 0]), 'it is black before');
  await viewer.type(`printf '\\e[48;2;200;30;60m\\e[2J\\e[1;1H'; curl -s ${target.url}/red\n`);
  await target.waitFor('the red terminal', ({ path }) => path === '/red');
  const until = Date.now() + 5_000 * PACE;
  let after = await take(PART);
  while (!isAll(after, [200, 30, 60]) && Date.now() < until) after = await take(PART);
  assert.ok(isAll(after, [200, 30, 60]), `it is ${colourAt(after, 50, 50).join()} after`);
});

test('what is beyond the edge is left out, and what is outside altogether is refused with the desktop’s size', async () => {
  const { width, height } = await take({ x: 1270, y: 700, width: 500, height: 500 });
  assert.equal([width, height], [10, 20]);
  const error: unknown = await take({ x: 1280, y: 0, width: 1, height: 1 }).catch((reason: unknown) => reason);
  assert.instance(error, OrielError);
  assert.equal([(error as OrielError).status, (error as OrielError).code], [422, 'screenshot_refused']);
  assert.match((error as OrielError).message, /1280×720/);
});

test('ten in a row leave picture and keyboard as they were', async () => {
  for (let count = 0; count < 10; count++) await take();
  await takeTerminal(viewer, target);
  assert.is(await viewer.transport(), 'webrtc');
  assert.equal(viewer.console, []);
});

async function take(region?: typeof PART): Promise<PNG> {
  return PNG.sync.read(Buffer.from(await (await client.screenshot(id, { region })).arrayBuffer()));
}

function colourAt({ data, width }: PNG, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
}

test.run();
