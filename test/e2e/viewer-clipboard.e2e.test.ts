import { createHash } from 'node:crypto';
import type { Browser } from 'playwright-core';
import type { ClipboardPolicy } from '#contract/clipboard-policy';
import { Api, waitForMarks } from '#test/api';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';

/*
 * The clipboard, both ways, with a desktop whose controller lets it through and one whose controller does not. The page does not look at
 * the policy before it sends: what does not arrive was stopped by the desktop's agent.
 */
const test = suite('viewer: clipboard', { timeoutMs: 120_000 });

const target = new TargetServer();
let browser: Browser;
let oriel: Oriel;
let viewer: ViewerPage;
let count = 0;

test.before(async () => {
  makeInternet();
  await target.start();
  browser = await startBrowser();
});

test.after(async () => {
  await browser?.close();
  await end();
  await target.stop();
});

for (const policy of ['both', 'in', 'out'] satisfies ClipboardPolicy[]) {
  test(`policy ${policy}: a desktop`, () => start(policy));
  for (const bytes of [1_000, 1_000_000]) {
    test(`policy ${policy}: ${bytes} bytes from the page to the desktop ${policy === 'out' ? 'do not arrive' : 'arrive'}`, async () => {
      const text = makeText(bytes);
      await (await viewer.element()).evaluate((element, text) => (element as unknown as { paste(text: string): void }).paste(text), text);
      assert.is((await readDesktop()) === toHash(text), policy !== 'out');
    });
    test(`policy ${policy}: ${bytes} bytes from the desktop to the page ${policy === 'in' ? 'do not arrive' : 'arrive'}`, async () => {
      const copied = await copyOnDesktop(bytes);
      // Arrived, they are on this computer's clipboard, too.
      await viewer.page
        .waitForFunction((n) => (globalThis as unknown as { copied: string[] }).copied.some((text) => text.length === n), bytes, {
          timeout: policy === 'in' ? 3_000 : 20_000 * PACE,
        })
        .catch((error: Error) => policy === 'in' || Promise.reject(error));
      const seen = await viewer.page.evaluate(() => (globalThis as unknown as { copied: string[] }).copied);
      assert.is(seen.map(toHash).includes(copied), policy !== 'in');
      if (policy === 'both') assert.is(toHash(await viewer.page.evaluate(() => navigator.clipboard.readText())), copied);
    });
  }
}

test('a picture that was copied on the desktop is in the panel, with what can be done with it', async () => {
  await start('both');
  await viewer.type(`curl -s ${target.url}/picture.png >/tmp/p.png; xclip -selection clipboard -t image/png -i /tmp/p.png\n`);
  await viewer.page.waitForSelector('oriel-desktop button[data-news], oriel-desktop .panel img:not([hidden])', {
    state: 'attached',
    timeout: 20_000 * PACE,
  });
  await viewer.page.getByRole('button', { name: 'Clipboard' }).click();
  const size = await viewer.page
    .locator('.panel img')
    .evaluate(async (image: HTMLImageElement) => (await image.decode(), [image.naturalWidth, image.naturalHeight]));
  assert.equal(size, [640, 360]);
  if (process.env.ORIEL_SCREENSHOT) await viewer.page.screenshot({ path: process.env.ORIEL_SCREENSHOT });
});

test('the page wrote no error or warning', () => {
  assert.equal(viewer.console, []);
});

async function start(policy: ClipboardPolicy): Promise<void> {
  await end();
  oriel = new Oriel({ env: { ORIEL_CLIPBOARD: policy } });
  const { link, origin, apiKey, sessionId } = await oriel.start();
  // What comes up later takes the keyboard.
  await waitForMarks(new Api(origin, apiKey), sessionId, ['terminal', 'chromium']);
  viewer = await ViewerPage.open(browser, link, { timeoutMs: 30_000 * PACE });
  await viewer.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  await viewer.page.evaluate(() => {
    const copied: string[] = [];
    Object.assign(globalThis, { copied });
    document.addEventListener('oriel-copied', (event) => {
      const { detail } = event as CustomEvent<{ text?: string }>;
      copied.push(detail.text ?? '');
    });
  });
  target.page('/picture.png', await viewer.page.screenshot({ clip: { x: 0, y: 0, width: 640, height: 360 } }), 'image/png');
  await takeTerminal(viewer, target);
}

async function end(): Promise<void> {
  await viewer?.close().catch(() => undefined);
  await oriel?.interrupt();
  oriel?.removeFiles();
}

/** The hash of what a program of the desktop pastes. */
async function readDesktop(): Promise<string> {
  const path = `/pasted/${++count}`;
  await viewer.type(`xclip -o -selection clipboard 2>/dev/null | sha256sum | curl -s --data-binary @- ${target.url}${path}\n`);
  return (await target.waitFor('what is pasted', (received) => received.path === path)).body.slice(0, 64);
}

/** Copies so many bytes by a program of the desktop; resolves with their hash. */
async function copyOnDesktop(bytes: number): Promise<string> {
  const path = `/copied/${++count}`;
  const make = `head -c ${bytes} /dev/urandom | base64 -w0 | head -c ${bytes} >/tmp/c`;
  await viewer.type(`${make}; xclip -selection clipboard /tmp/c; sha256sum </tmp/c | curl -s --data-binary @- ${target.url}${path}\n`);
  return (await target.waitFor('what is copied', (received) => received.path === path)).body.slice(0, 64);
}

function makeText(bytes: number): string {
  return Array.from({ length: Math.ceil(bytes / 10) }, (_, index) => `${String(index).padStart(8, '0')} \n`)
    .join('')
    .slice(0, bytes);
}

function toHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

test.run();
