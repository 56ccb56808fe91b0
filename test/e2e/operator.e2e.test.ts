import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Session } from '#contract/session';
import { Api } from '#test/api';
import { startBrowser, watchConsole } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

const test = suite('operator', { timeoutMs: 90_000 });

const oriel = new Oriel({ instance: 'orieop' });
let browser: Browser;
let page: Page;
let said: string[];
let api: Api;
let up: Awaited<ReturnType<Oriel['start']>>;
/** The session that is started while the page is open. */
let second = '';

test.before(async () => {
  makeInternet();
  up = await oriel.start();
  api = new Api(up.origin, up.apiKey);
  browser = await startBrowser();
  page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
  said = watchConsole(page);
});

test.after(async () => {
  await browser?.close();
  await oriel.interrupt();
  oriel.removeFiles();
});

const row = (id: string) => page.locator(`#rows tr:has(button[data-session="${id}"])`);

/** Kept for those who want to look: ORIEL_SCREENSHOT names a directory. */
async function shoot(name: string): Promise<void> {
  const dir = process.env.ORIEL_SCREENSHOT;
  if (dir) await page.screenshot({ path: `${dir}/operator-${name}.png` });
}

test('a wrong key is told so, and nothing is shown', async () => {
  await page.goto(`${up.origin}/operator`);
  await page.getByLabel('API key').fill('k'.repeat(43));
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('This key is not good here').waitFor();
  assert.is(await page.locator('#operator').isVisible(), false);
  await shoot('sign-in');
  // The browser itself writes a 401 to the console.
  assert.ok(said.length > 0);
  said.length = 0;
});

test('with a key in the fragment the sessions that run are there, and the key is out of the address', async () => {
  await page.goto('about:blank');
  await page.goto(`${up.origin}/operator#token=${up.apiKey}`);
  await row(up.sessionId).getByText('running').waitFor();
  assert.is(page.url(), `${up.origin}/operator`);
  await page.locator('#link', { hasText: 'Live' }).waitFor();
  assert.match(await page.locator('#host').innerText(), /1 of \d+/);
});

test('a session that is started appears by itself, its phases go on, and it runs', async () => {
  const { body } = await api.ask<{ sessionId: string }>('POST /api/auth/start', {
    body: { userId: 'grace@example.org', provider: 'desktop' },
  });
  second = body.sessionId;
  await row(second).waitFor({ timeout: 5_000 * PACE });
  await row(second)
    .getByText('running')
    .waitFor({ timeout: 30_000 * PACE });
  assert.ok((await row(second).locator('.segment').count()) >= 4);
});

test('its waterfall, services and console are shown', async () => {
  await row(second).getByRole('button').click();
  const detail = page.locator('#detail');
  for (const phase of ['image', 'network', 'machine', 'boot', 'desktop'])
    assert.match(await detail.locator('.waterfall li', { hasText: phase }).innerText(), /\d\.\d\d s/);
  const { phases } = (await api.ask<Session>(`GET /api/auth/session/${second}`)).body;
  const boot = phases.find(({ name }) => name === 'boot')!;
  assert.match(await detail.locator('.waterfall li', { hasText: 'boot' }).innerText(), `${(boot.ms! / 1000).toFixed(2)} s`);
  await detail.locator('.services .ready', { hasText: 'xorg' }).waitFor();
  const console = detail.getByRole('log');
  await console
    .getByText(/agent: /)
    .first()
    .waitFor();
});

test('a session that somebody looks at says so on its console, and how the picture is', async () => {
  await row(up.sessionId).getByRole('button').click();
  const detail = page.locator('#detail');
  await detail
    .getByRole('log')
    .getByText(/agent: /)
    .first()
    .waitFor();
  assert.not.match(await detail.getByRole('log').innerText(), 'peer connected');
  const viewer = await ViewerPage.open(browser, up.link);
  await detail
    .getByRole('log')
    .getByText('peer connected')
    .waitFor({ timeout: 15_000 * PACE });
  await detail.getByText('WebRTC').waitFor({ timeout: 30_000 * PACE });
  assert.match(await detail.innerText(), /Round trip/);
  await shoot('sessions');
  const { quality } = (await api.ask<Session>(`GET /api/auth/session/${up.sessionId}`)).body;
  assert.is(quality?.viewer?.path, 'webrtc');
  await viewer.close();
});

test('the page is used by keyboard: arrows go through the list, Enter chooses, Escape leaves a session alone', async () => {
  await row(second).getByRole('button').focus();
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement).dataset['session']);
  await page.keyboard.press('ArrowDown');
  assert.is(await focused(), up.sessionId);
  await page.keyboard.press('ArrowUp');
  assert.is(await focused(), second);
  await page.keyboard.press('Enter');
  await page.locator('#detail h2', { hasText: 'grace@example.org' }).waitFor();
  await page.getByRole('button', { name: 'End session' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await shoot('confirm');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.is((await api.ask<Session>(`GET /api/auth/session/${second}`)).body.status, 'vm_created');
});

test('what is looked for is found', async () => {
  await page.getByPlaceholder('User, session, status').fill('grace');
  assert.equal([await row(second).isVisible(), await row(up.sessionId).isVisible()], [true, false]);
  await page.getByPlaceholder('User, session, status').fill('nobody');
  await page.getByText('No session is like that.').waitFor();
  await page.getByPlaceholder('User, session, status').fill('');
});

test('a session is ended after a question, and the page sees it end', async () => {
  await row(second).getByRole('button').click();
  await page.getByRole('button', { name: 'End session' }).click();
  await page.getByRole('button', { name: 'End it' }).click();
  await row(second)
    .getByText('stopped')
    .waitFor({ timeout: 15_000 * PACE });
  await page.locator('#detail', { hasText: 'it was ended on request' }).waitFor();
  assert.is((await api.ask<Session>(`GET /api/auth/session/${second}`)).body.status, 'stopped');
  await shoot('stopped');
});

test('two hundred sessions in the list: the page goes on drawing', async () => {
  const sessions = Array.from({ length: 200 }, (_, index) => toCopy(index));
  await page.route('**/api/sessions?*', async (route) => {
    const reply = await route.fetch();
    const body = (await reply.json()) as { sessions: Session[]; lastEventId: number };
    const [one] = body.sessions;
    await route.fulfill({
      response: reply,
      json: { ...body, sessions: [...body.sessions, ...sessions.map((copy) => ({ ...one!, ...copy }))] },
    });
  });
  await page.reload();
  await page.locator('#list-title', { hasText: '(201)' }).waitFor();
  const gaps = page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const at: number[] = [];
        const look = (now: number) => (at.push(now), at.length < 120 ? requestAnimationFrame(look) : resolve(at));
        requestAnimationFrame(look);
      }),
  );
  await page.locator('.scroll').evaluate(async (scroll) => {
    for (let top = 0; top < 6000; top += 200) {
      scroll.scrollTop = top;
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  });
  // Not a measure of how fast it is: a page that hangs draws nothing at all.
  assert.is((await gaps).length, 120);
  await shoot('many');
  await sleep(100);
  await page.unroute('**/api/sessions?*');
});

test('the controller’s end is said, and nothing of all that was a mistake of the page', async () => {
  assert.equal(
    said.filter((line) => !line.includes('Failed to load resource')),
    [],
  );
  await oriel.interrupt();
  await page.locator('#link.away').waitFor();
  await shoot('away');
});

function toCopy(index: number): Partial<Session> {
  return {
    sessionId: `s-${index.toString(2).padStart(20, '0').replaceAll('0', 'a').replaceAll('1', 'b')}`,
    userId: `user${index}@example.org`,
    createdAt: new Date(Date.now() - (index + 1) * 60_000).toISOString(),
  };
}

test.run();
