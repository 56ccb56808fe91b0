import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Provider } from '#contract/provider';
import type { Session, SessionStarted } from '#contract/session';
import type { CredentialsReply } from '#contract/sign-in';
import { Api } from '#test/api';
import { startBrowser } from '#test/browser';
import { INTERNET, makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

/*
 * The real tools, in an operator's image (`just build-image --tools`): each starts, says its version, and comes to its sign-in page, which
 * nobody reaches from a test's internet.
 */
const test = suite('tools', { timeoutMs: 120_000 * PACE });
const manifest = join(process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images', 'latest/manifest.json');
const tools = existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { tools?: string[] }).tools : undefined;

const VERSIONS = `mkdir -p ~/.v && printf '{"claude":"%s","codex":"%s","gemini":"%s"}' \
  "$(claude --version)" "$(codex --version 2>/dev/null)" "$(gemini --version)" >~/.v/versions.json`;
const versions: Provider = {
  id: 'versions',
  name: 'Versions',
  login: { command: ['sh', '-c', VERSIONS], callbackPorts: [] },
  credentials: [{ path: '.v/versions.json', schema: { type: 'object' } }],
  hosts: [],
};

/** Desktop pixels of the login's terminal. */
const TERMINAL = { x: 300, y: 300 };
const SKIPPED = 'the image has no tools to sign in to (just build-image --tools)';
/** Where a picture of each is put, for people to look at. */
const SHOTS = process.env.ORIEL_TEST_SHOTS;

const PAGES = [
  ['claude_code', 'claude.com'],
  ['codex', 'auth.openai.com'],
  ['gemini_cli', 'accounts.google.com'],
] as const;

if (tools === undefined) {
  test.skip('each tool starts and says its version', SKIPPED);
  test.skip('each tool comes to its sign-in page', SKIPPED);
  test.skip('where there is no way to the page, the session says so', SKIPPED);
} else {
  let oriel: Oriel;
  let api: Api;
  let browser: Browser;
  /** Has the names of the pages, and is there or not: nobody of those that it stands for is ever asked. */
  const pages = createServer((socket) => socket.destroy());

  test.before(async () => {
    makeInternet();
    appendFileSync('/etc/hosts', `${INTERNET.serverAddress} ${PAGES.map(([, host]) => host).join(' ')}\n`);
    const env: Record<string, string> = { ORIEL_LOG_LEVEL: 'debug' };
    oriel = new Oriel({ instance: 'oritool', env });
    env.ORIEL_PROVIDERS_FILE = join(oriel.dir, 'providers.json');
    writeFileSync(env.ORIEL_PROVIDERS_FILE, JSON.stringify([versions]));
    const { origin, apiKey, sessionId } = await oriel.start(60_000 * PACE);
    api = new Api(origin, apiKey);
    browser = await startBrowser();
    await api.ask(`DELETE /api/auth/session/${sessionId}`);
  });
  test.after(async () => {
    await browser?.close();
    await oriel?.interrupt();
    oriel?.removeFiles();
  });

  test('each tool starts and says its version', async () => {
    const { sessionId } = await until(await start('versions'), 'completed');
    const { body } = await api.ask<CredentialsReply>(`GET /api/auth/session/${sessionId}/credentials`);
    const said = JSON.parse(body.files[0]!.content) as Record<string, string>;
    for (const [name, words] of Object.entries(said)) {
      const locked = tools
        .find((one) => new RegExp(`^@[a-z-]+/${name}(-code|-cli)?@`).test(one))!
        .split('@')
        .at(-1)!;
      assert.match(words, locked.replace(/-linux-x64$/, ''), name);
    }
  });

  for (const [provider, host] of PAGES) {
    test(`${provider} comes to its sign-in page`, async () => {
      pages.listen(443, INTERNET.serverAddress);
      await once(pages, 'listening');
      try {
        const started = await start(provider);
        const viewer = await ViewerPage.open(browser, started.viewer.url, { timeoutMs: 40_000 * PACE });
        await untilOpened(viewer, host);
        // For the eye: the browser has come up with the page by then.
        await sleep(3_000);
        await shoot(viewer, `${provider}-page`);
        const { status, reason } = await read(started.sessionId);
        assert.is(status, 'authenticating', reason?.message);
        await api.ask(`DELETE /api/auth/session/${started.sessionId}`);
        await viewer.close();
      } finally {
        pages.close();
      }
    });

    test(`${provider} has no way to its sign-in page: the session says so`, async () => {
      const started = await start(provider);
      const viewer = await ViewerPage.open(browser, started.viewer.url, { timeoutMs: 40_000 * PACE });
      await untilOpened(viewer, host);
      await sleep(3_000);
      await shoot(viewer, `${provider}-unreachable`);
      const { reason } = await until(started, 'failed');
      assert.is(reason?.code, 'page_unreachable', reason?.message);
      assert.match(reason!.message, `${host}:443 cannot be reached through the proxy`);
      await viewer.close();
    });
  }

  /** Until the tool has its page opened. One that asks whether it may is told so, by Enter, as often as it takes until it is up. */
  async function untilOpened(viewer: ViewerPage, host: string): Promise<void> {
    const [from, isOpen] = [oriel.output.length, () => oriel.output.slice(from).includes(`"host":"${host}:443"`)];
    for (const limit = Date.now() + 60_000 * PACE; !isOpen(); await sleep(2_000)) {
      if (Date.now() > limit) {
        await shoot(viewer, `${host}-lost`);
        throw new Error(`no page of ${host} was opened; ${await viewer.describe()}; ${oriel.output.slice(-2000)}`);
      }
      await viewer.click(TERMINAL.x, TERMINAL.y);
      await viewer.press('Enter', 'Enter', '\r');
    }
  }

  async function shoot(viewer: ViewerPage, name: string): Promise<void> {
    if (SHOTS) await viewer.page.screenshot({ path: join(SHOTS, `${name}.png`) });
  }

  async function start(provider: string): Promise<SessionStarted> {
    return (await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'ann', provider } })).body;
  }

  async function read(sessionId: string): Promise<Session> {
    return (await api.ask<Session>(`GET /api/auth/session/${sessionId}`)).body;
  }

  async function until({ sessionId }: SessionStarted, status: string, timeoutMs = 60_000 * PACE): Promise<Session> {
    for (const limit = Date.now() + timeoutMs; ; await sleep(100)) {
      const session = await read(sessionId);
      if (session.status === status) return session;
      assert.ok(Date.now() < limit, `it is ${session.status} after ${timeoutMs} ms: ${session.reason?.message}`);
    }
  }
}

test.run();
