import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import type { Provider } from '#contract/provider';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { OAuthServer } from '#test/sign-in/oauth-server';
import { writeTestProviders, type TestTool } from '#test/sign-in/providers';
import { TargetServer } from '#test/target-server';
import { ViewerPage } from '#test/viewer';
import { createClient } from '../../controller/client/index.ts';

/* With SCREENSHOTS_DIR=DIR each step is pictured there: docs/sign-in.md shows them. */

const test = suite('frontend', { timeoutMs: 90_000 * PACE });

const NAMES = { claude_code: 'Claude Code', codex: 'Codex', gemini_cli: 'Gemini CLI' };
const TOOLS: TestTool[] = [
  { id: 'claude', flow: 'loopback', format: 'claude_code' },
  { id: 'openai', flow: 'loopback', format: 'codex' },
  { id: 'gemini', flow: 'paste', format: 'gemini_cli' },
];
const ORIGIN = 'http://127.0.0.1:7090';
/** Of the OAuth server's page, in the desktop's browser at start-up: its field and its right button; in desktop pixels. */
const FIELD = { x: 890, y: 200 };
const NO = { x: 1150, y: 600 };
const WINDOW = { width: 1180, height: 900 };

const target = new TargetServer();
const oauth = new OAuthServer();
let oriel: Oriel;
let product: ChildProcess;
let apiKey: string;
let browser: Browser;

test.before(async () => {
  makeInternet();
  target.page('/tool.mjs', readFileSync(join(import.meta.dirname, '../kit/sign-in/tool.mjs')), 'text/plain');
  await target.start();
  await oauth.start();
  const env: Record<string, string> = { ORIEL_CORS_ORIGINS: ORIGIN };
  oriel = new Oriel({ instance: 'orifront', env });
  env.ORIEL_PROVIDERS_FILE = withNames(writeTestProviders(oriel.dir, TOOLS, oauth, target));
  const started = await oriel.start(60_000 * PACE);
  apiKey = started.apiKey;
  await fetch(`${started.origin}/api/auth/session/${started.sessionId}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${apiKey}` },
  });
  product = await startProduct(started.origin);
  browser = await startBrowser();
});

test.after(async () => {
  await browser?.close();
  await stop(product);
  await oriel?.interrupt();
  await oauth.stop();
  await target.stop();
  oriel?.removeFiles();
});

test('choose, sign in on the desktop, done: in the product’s page, which never has the key nor what the sign-in gave', async () => {
  const { context, page, viewer } = await open();
  const heard = listen(page);
  await page.getByRole('button', { name: 'Claude Code' }).waitFor();
  await shoot(page, 'choose');
  // By the keyboard alone.
  await page.getByRole('button', { name: 'Claude Code' }).press('Enter');
  await page.getByRole('heading', { name: 'Starting your desktop' }).waitFor();
  await shoot(page, 'starting');
  await viewer.waitForPicture(30_000 * PACE);
  await oauth.waitForPage('login', 30_000 * PACE);
  await shoot(page, 'sign-in');
  const done = page.getByRole('heading', { name: 'Claude Code is connected' });
  // Enter, which only the field does anything with: a window that comes up takes the first keys elsewhere.
  await repeat(done, async () => {
    await viewer.click(FIELD.x, FIELD.y, { clickCount: 3 });
    await viewer.type('ann');
    await viewer.press('Enter', 'Enter', '\r');
  });
  await page.getByText('.claude/.credentials.json').waitFor();
  await shoot(page, 'done');
  assert.is(await page.evaluate(() => document.activeElement?.textContent), 'Claude Code is connected');
  const { access_token, refresh_token } = oauth.issued.at(-1)!;
  const all = (await Promise.all(heard)).join('\n');
  assert.ok(/Bearer eyJ/.test(all), 'the same search finds the viewer’s token');
  for (const secret of [apiKey, access_token, refresh_token]) assert.not.ok(all.includes(secret));
  assert.equal(
    viewer.console.filter((line) => /Content.Security.Policy|exception/i.test(line)),
    [],
  );
  await context.close();
});

test('who says no is told so in the page, may choose again, and what is closed there is gone', async () => {
  oauth.forget();
  const { context, page, viewer } = await open();
  await page.getByRole('button', { name: 'Codex' }).click();
  await viewer.waitForPicture(30_000 * PACE);
  await oauth.waitForPage('login', 30_000 * PACE);
  const denied = page.getByRole('heading', { name: 'Access was denied' });
  await repeat(denied, () => viewer.click(NO.x, NO.y));
  await page.getByText('Details').click();
  await page.getByText('login_denied').waitFor();
  await shoot(page, 'denied');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Sign in to Codex' }).waitFor();
  const desktop = page.locator('oriel-desktop');
  await desktop.waitFor();
  const id = await desktop.getAttribute('session');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'The sign-in was closed' }).waitFor();
  assert.equal(await endOf(id!), ['stopped', 'stopped_by_request']);
  await page.getByRole('button', { name: 'Choose another' }).click();
  await page.getByRole('heading', { name: 'Connect an account' }).waitFor();
  await context.close();
});

test('where the proxy pool is empty the page says that no address is free, in a narrow window too', async () => {
  const { context, page } = await open({ width: 390, height: 780 });
  // The back end passes on what the controller says: examples/frontend/test/app.test.ts.
  const body = { error: { code: 'egress_exhausted', message: 'all upstreams are in use' } };
  await page.route('**/api/sign-ins', (route) => route.fulfill({ status: 503, json: body, headers: { 'retry-after': '15' } }));
  await page.getByRole('button', { name: 'Gemini CLI' }).click();
  await page.getByRole('heading', { name: 'No internet address is free right now' }).waitFor();
  await shoot(page, 'no-address');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels stand out of a narrow window`);
  await context.close();
});

/** The product's page, in a window of its own. */
async function open(viewport = WINDOW): Promise<{ context: BrowserContext; page: Page; viewer: ViewerPage }> {
  const context = await browser.newContext({ viewport });
  const viewer = await ViewerPage.goTo(context, ORIGIN);
  return { context, page: viewer.page, viewer };
}

/** All that a page says and is told, as far as it comes to an end before the page does. */
function listen(page: Page): Promise<string>[] {
  const heard: Promise<string>[] = [];
  page.on('request', (request) => {
    const said = request.allHeaders().then((headers) => JSON.stringify(headers) + (request.postData() ?? ''));
    heard.push(said.catch(() => ''));
  });
  page.on('response', (response) => {
    const told = response.allHeaders().then(async (headers) => JSON.stringify(headers) + (await response.text()));
    heard.push(told.catch(() => ''));
  });
  return heard;
}

/** Acts on the desktop until the page says what is to come of it: a page there may be told of before it is painted. */
async function repeat(wanted: Locator, act: () => Promise<void>): Promise<void> {
  for (let tries = 1; !(await wanted.isVisible()); tries++) {
    await act();
    const hasCome = wanted.waitFor({ timeout: 3_000 * PACE });
    await (tries < 8 ? hasCome.catch(() => undefined) : hasCome);
  }
}

/** Status and reason of a session that is over. */
async function endOf(id: string): Promise<[string, string | undefined]> {
  const origin = /Oriel serves at (\S+)/.exec(oriel.output)![1]!;
  const signal = AbortSignal.timeout(20_000 * PACE);
  const { status, reason } = await createClient({ baseUrl: origin, token: apiKey }).waitForEnd(id, { signal });
  return [status, reason?.code];
}

async function startProduct(origin: string): Promise<ChildProcess> {
  const argv = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '../../examples/frontend/server/main.ts')];
  const env = {
    ...process.env,
    EXAMPLE_CONTROLLER: origin,
    EXAMPLE_API_KEY: apiKey,
    EXAMPLE_PORT: new URL(ORIGIN).port,
    EXAMPLE_PROVIDERS: TOOLS.map(({ id }) => id).join(),
  };
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(`The example product is at ${ORIGIN}`)) resolve();
    });
  child.once('exit', () => reject(new Error(`the example ended: ${said}`)));
  await promise;
  return child;
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** As a person knows them. */
function withNames(path: string): string {
  const list = JSON.parse(readFileSync(path, 'utf8')) as Provider[];
  const named = list.map((one) => ({ ...one, name: NAMES[TOOLS.find(({ id }) => id === one.id)!.format] }));
  writeFileSync(path, JSON.stringify(named));
  return path;
}

async function shoot(page: Page, name: string): Promise<void> {
  const dir = process.env.SCREENSHOTS_DIR;
  if (dir) await page.screenshot({ path: join(dir, `sign-in-${name}.png`), animations: 'disabled' });
}

test.run();
