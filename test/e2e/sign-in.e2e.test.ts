import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { globSync, readdirSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { WebhookBody } from '#contract/event';
import type { Session, SessionStarted } from '#contract/session';
import type { CredentialsReply } from '#contract/sign-in';
import { Api } from '#test/api';
import { startBrowser } from '#test/browser';
import { makeInternet } from '#test/internet';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, note, suite } from '#test/suite';
import { NotYet, OAuthServer } from '#test/sign-in/oauth-server';
import { writeTestProviders, type TestTool } from '#test/sign-in/providers';
import { TargetServer } from '#test/target-server';
import { ViewerPage } from '#test/viewer';

const test = suite('sign-in', { timeoutMs: 90_000 * PACE });

const TOKENS = JSON.stringify({ tokens: { id_token: 'i'.repeat(16), access_token: 'a'.repeat(16), refresh_token: 'r'.repeat(16) } });
const TOOLS: TestTool[] = [
  { id: 'by_loopback', flow: 'loopback', format: 'claude_code' },
  { id: 'by_device', flow: 'device', format: 'codex' },
  { id: 'by_paste', flow: 'paste', format: 'gemini_cli' },
  { id: 'that_crashes', flow: 'loopback', format: 'codex', fault: 'crash' },
  {
    id: 'without_a_way',
    flow: 'loopback',
    format: 'codex',
    command: ['sh', '-c', 'echo cannot connect; exit 1'],
    hosts: ['nowhere.example'],
  },
  { id: 'that_is_missing', flow: 'loopback', format: 'codex', command: ['no-such-tool', 'login'] },
  { id: 'that_is_killed', flow: 'loopback', format: 'codex', command: ['sh', '-c', 'kill -KILL $$'] },
  { id: 'that_writes_nonsense', flow: 'loopback', format: 'codex', command: toWriter("echo '{}'") },
  { id: 'that_writes_too_much', flow: 'loopback', format: 'codex', command: toWriter('head -c 70000 /dev/zero') },
  { id: 'that_is_content', flow: 'loopback', format: 'codex', command: toWriter(`printf '%s' '${TOKENS}'`), refresh: ['true'] },
  { id: 'that_waits', flow: 'loopback', format: 'codex', command: ['sleep', '600'] },
];
/** Longer than any other session of this file is without a page. */
const LEFT_SECONDS = 40 * PACE;
/** In the desktop's browser at start-up: a page's field, its left and its right button; in desktop pixels. */
const FIELD = { x: 890, y: 200 };
const YES = { x: 650, y: 600 };
const NO = { x: 1150, y: 600 };
const TERMINAL = { x: 300, y: 300 };

const target = new TargetServer();
const oauth = new OAuthServer();
const hooks: WebhookBody[] = [];
let receiver: Server;
let oriel: Oriel;
let api: Api;
let browser: Browser;
/** A session whose page was closed. */
let left: string;

test.before(async () => {
  makeInternet();
  target.page('/tool.mjs', readFileSync(join(import.meta.dirname, '../kit/sign-in/tool.mjs')), 'text/plain');
  await target.start();
  await oauth.start();
  receiver = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    hooks.push(JSON.parse(text) as WebhookBody);
    response.writeHead(204).end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const env: Record<string, string> = {
    ORIEL_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`,
    ORIEL_LOG_LEVEL: 'debug',
    ORIEL_HEARTBEAT_TIMEOUT_SECONDS: String(LEFT_SECONDS),
  };
  oriel = new Oriel({ instance: 'orisign', env });
  env.ORIEL_PROVIDERS_FILE = writeTestProviders(oriel.dir, TOOLS, oauth, target);
  env.ORIEL_WEBHOOK_SECRET_FILE = join(oriel.dir, 'hook-secret');
  writeFileSync(env.ORIEL_WEBHOOK_SECRET_FILE, `whsec_${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  const { origin, apiKey, sessionId } = await oriel.start(60_000 * PACE);
  api = new Api(origin, apiKey);
  browser = await startBrowser();
  await api.ask(`DELETE /api/auth/session/${sessionId}`);
  const tab = await begin('that_waits', 'fay');
  left = tab.sessionId;
  await tab.viewer.close();
});

test.after(async () => {
  await browser?.close();
  await oriel?.interrupt();
  receiver?.close();
  await oauth.stop();
  await target.stop();
  oriel?.removeFiles();
});

test('by a redirect to a loopback port: credentials as the tool wrote them, status, events, webhook, and the machine is gone', async () => {
  const { sessionId, viewer, machineId } = await begin('by_loopback', 'ann');
  const events = followEvents(sessionId);
  await oauth.waitForPage('login');
  assert.is((await read(sessionId)).status, 'authenticating');
  await fill(viewer, 'ann', (limitMs) => untilStatus(sessionId, 'completed', limitMs));
  await untilGone(machineId);
  const { userId, provider, files } = await readCredentials(sessionId);
  const { access_token, refresh_token } = oauth.issued.at(-1)!;
  assert.equal([userId, provider, files.map(({ path }) => path)], ['ann', 'by_loopback', ['.claude/.credentials.json']]);
  const { claudeAiOauth } = JSON.parse(files[0]!.content) as { claudeAiOauth: Record<string, unknown> };
  assert.equal([claudeAiOauth.accessToken, claudeAiOauth.refreshToken], [access_token, refresh_token]);
  // Those who follow are told where it is now, which may leave out where it was for a moment.
  assert.equal([...new Set(await events)].slice(-2), ['authenticating', 'completed']);
  await eventually('the webhook', () => hooks.some(({ type, data }) => type === 'session.completed' && data.sessionId === sessionId));
  await viewer.close();
});

test('by a device code that is typed into the page, after the login was begun again', async () => {
  const { sessionId, viewer } = await begin('by_device', 'bob');
  await oauth.waitForPage('code');
  oauth.forget();
  assert.is((await api.ask(`POST /api/auth/session/${sessionId}/login/restart`)).status, 204);
  await oauth.waitForPage('code');
  await fill(viewer, oauth.userCode, (limitMs) => oauth.waitForPage('confirm', limitMs));
  await click(viewer, 'confirm', YES, (limitMs) => oauth.waitForPage('login', limitMs));
  await fill(viewer, 'bob', (limitMs) => untilStatus(sessionId, 'completed', limitMs));
  const { files } = await readCredentials(sessionId);
  const { tokens } = JSON.parse(files[0]!.content) as { tokens: Record<string, unknown> };
  const { access_token, refresh_token, id_token } = oauth.issued.at(-1)!;
  assert.equal(tokens, { access_token, refresh_token, id_token, account_id: 'a' });
  await viewer.close();
});

test('by a name and a code that are pasted with the browser’s own keys, also while a text around the desktop is selected', async () => {
  const { sessionId, viewer } = await begin('by_paste', 'cay');
  await oauth.waitForPage('login');
  await untilDone(async (limitMs) => {
    await viewer.click(FIELD.x, FIELD.y, { clickCount: 3 });
    await viewer.paste('cay', 'Control+V');
    await viewer.click(YES.x, YES.y);
    await oauth.waitForPage('pasted', limitMs);
  });
  await viewer.selectAround();
  await untilDone(async (limitMs) => {
    await viewer.click(TERMINAL.x, TERMINAL.y);
    await viewer.paste(oauth.pastedCode, 'Control+Shift+V');
    await oauth.waitForTyped(oauth.pastedCode, limitMs);
  });
  await viewer.press('Enter', 'Enter', '\r');
  await untilStatus(sessionId, 'completed');
  const { files } = await readCredentials(sessionId);
  const { refresh_token, id_token } = JSON.parse(files[0]!.content) as { refresh_token: string; id_token: string };
  assert.is(refresh_token, oauth.issued.at(-1)!.refresh_token);
  assert.is(toSubject(id_token), 'cay');
  await viewer.close();
});

test('what was kept is given back to another machine, where the tool renews it when its link has begun it again', async () => {
  const before = oauth.issued.at(-1)!;
  const first = oauth.issued[0]!;
  const { sessionId, viewer } = await begin('by_loopback', 'ann', { restore: true });
  await oauth.waitForPage('hanging');
  assert.is((await read(sessionId)).status, 'authenticating', 'what was given back is no sign-in');
  assert.is(await viewer.restartLogin(), 204);
  await untilStatus(sessionId, 'completed');
  const renewed = oauth.issued.at(-1)!;
  const { claudeAiOauth } = JSON.parse((await readCredentials(sessionId)).files[0]!.content) as { claudeAiOauth: Record<string, unknown> };
  assert.is.not(renewed, before);
  assert.equal([claudeAiOauth.accessToken, claudeAiOauth.refreshToken], [renewed.access_token, renewed.refresh_token]);
  assert.is.not(renewed.access_token, first.access_token);
  await viewer.close();
});

test('what was given back, and did not have to be renewed, is kept as it was', async () => {
  const signIn = async (more: { restore?: boolean }) => {
    const { body } = await api.ask<SessionStarted>('POST /api/auth/start', {
      body: { userId: 'gil', provider: 'that_is_content', ...more },
    });
    await untilStatus(body.sessionId, 'completed');
    return (await readCredentials(body.sessionId)).files;
  };
  const files = await signIn({});
  assert.is(files[0]!.content, TOKENS);
  assert.equal(await signIn({ restore: true }), files);
});

test('who says no has said so: nothing is kept', async () => {
  const { sessionId, viewer } = await begin('by_loopback', 'dan');
  await oauth.waitForPage('login');
  await click(viewer, 'login', NO, (limitMs) => untilStatus(sessionId, 'failed', limitMs));
  assert.is((await read(sessionId)).reason?.code, 'login_denied');
  await hasNoCredentials(sessionId);
  await viewer.close();
});

test('a device code that nobody types in time is too old: nothing is kept', async () => {
  oauth.codeSeconds = 3;
  const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'eve', provider: 'by_device' } });
  const { reason } = await untilStatus(body.sessionId, 'failed');
  oauth.codeSeconds = 120;
  assert.is(reason?.code, 'code_expired');
  await hasNoCredentials(body.sessionId);
});

test('tools that are killed, or write nonsense, or too much, end their sessions at once, each for its own reason: nothing is kept', async () => {
  const endings = [
    ['that_is_killed', 'cli_crashed', /was killed by SIGKILL/],
    ['that_writes_nonsense', 'credentials_malformed', /~\/\.codex\/auth\.json: \/ must have required property 'tokens'/],
    ['that_writes_too_much', 'credentials_malformed', /~\/\.codex\/auth\.json: it has 70000 bytes, 65536 at most/],
  ] as const;
  const check = async ([provider, code, words]: (typeof endings)[number]) => {
    const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'eve', provider } });
    const { reason } = await untilStatus(body.sessionId, 'failed');
    assert.is(reason?.code, code);
    assert.match(reason!.message, words);
    await hasNoCredentials(body.sessionId);
  };
  await Promise.all(endings.map(check));
});

for (const [provider, code, words] of [
  ['that_crashes', 'cli_crashed', /exit code 70.*TypeError: cannot read properties of undefined \(token …/s],
  ['that_is_missing', 'cli_missing', /no no-such-tool/],
  ['without_a_way', 'page_unreachable', /nowhere\.example:443 cannot be reached through the proxy/],
] as const) {
  test(`a tool ${provider.replaceAll('_', ' ')} fails the session with ${code}`, async () => {
    const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId: 'eve', provider } });
    const { reason } = await untilStatus(body.sessionId, 'failed');
    assert.is(reason?.code, code);
    assert.match(reason!.message, words);
  });
}

test('who closes the page has left: the session ends, and nothing is kept', async () => {
  const { reason } = await untilStatus(left, 'expired', 2 * LEFT_SECONDS * 1000);
  assert.is(reason?.code, 'user_left');
  await hasNoCredentials(left);
});

test('of the secrets nothing is on disk, in the log or on a console, in plain, base64 or hex', async () => {
  assert.ok(oauth.issued.length > 0, 'no test before this one was given any tokens: there is nothing to search for');
  const kept = readKept();
  assert.ok(
    kept.some(({ text }) => text.includes('by_loopback')),
    'the same search finds what is there',
  );
  for (const { access_token, refresh_token } of oauth.issued)
    for (const secret of [access_token, refresh_token])
      for (const form of ['latin1', 'base64', 'hex'] as const) {
        const needle = Buffer.from(secret).toString(form).slice(0, 40);
        assert.equal(
          kept.filter(({ text }) => text.includes(needle)).map(({ place }) => place),
          [],
        );
      }
});

/** Writes into the page's one field and says yes. A window that comes up takes the keyboard, and the first keys may go elsewhere. */
async function fill(viewer: ViewerPage, text: string, next: (limitMs: number) => Promise<unknown>): Promise<void> {
  await untilDone(async (limitMs) => {
    await viewer.click(FIELD.x, FIELD.y, { clickCount: 3 });
    await viewer.type(text);
    await viewer.click(YES.x, YES.y);
    await next(limitMs);
  });
}

/** Clicks into the page. One that the page had is not made again: what it was to do, it must do. */
async function click(
  viewer: ViewerPage,
  page: string,
  { x, y }: { x: number; y: number },
  next: (limitMs: number) => Promise<unknown>,
): Promise<void> {
  await untilDone(async (limitMs) => {
    await viewer.click(x, y);
    await next(limitMs).catch(async (error: unknown) => {
      if (!oauth.clicked.includes(page)) throw error;
      await next(3 * limitMs).catch(({ message }: Error) => {
        throw new Error(`the page ${page} had the click, and nothing came of it: ${message}`);
      });
    });
  });
}

/** As a person does: once more when nothing has come of it. What was lost is told, so that it is not lost to the reader. */
async function untilDone(attempt: (limitMs: number) => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(8_000 * PACE);
    } catch (error) {
      if (tries === 3 || !(error instanceof NotYet)) throw error;
      note(`sign-in: input was lost, and is made again: ${error.message}`);
    }
  }
}

async function begin(
  provider: string,
  userId: string,
  more: { restore?: boolean } = {},
): Promise<{ sessionId: string; viewer: ViewerPage; machineId: string }> {
  oauth.forget();
  const { body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId, provider, ...more } });
  const viewer = await ViewerPage.open(browser, body.viewer.url, { timeoutMs: 30_000 * PACE });
  const { machine } = await read(body.sessionId);
  return { sessionId: body.sessionId, viewer, machineId: machine!.machineId };
}

async function read(sessionId: string): Promise<Session> {
  return (await api.ask<Session>(`GET /api/auth/session/${sessionId}`)).body;
}

async function readCredentials(sessionId: string): Promise<CredentialsReply> {
  const { status, body } = await api.ask<CredentialsReply>(`GET /api/auth/session/${sessionId}/credentials`);
  assert.is(status, 200, JSON.stringify(body));
  return body;
}

async function hasNoCredentials(sessionId: string): Promise<void> {
  assert.is((await api.ask(`GET /api/auth/session/${sessionId}/credentials`)).status, 404);
}

async function untilStatus(sessionId: string, status: string, timeoutMs = 30_000 * PACE): Promise<Session> {
  for (const until = Date.now() + timeoutMs; ; await sleep(50)) {
    const session = await read(sessionId);
    if (session.status === status) return session;
    const isOver = ['failed', 'expired', 'stopped', 'completed'].includes(session.status);
    if (Date.now() < until && !isOver) continue;
    const { body } = await api.ask<{ lines: string[] }>(`GET /api/auth/session/${sessionId}/console`);
    throw new (isOver ? Error : NotYet)(
      `the session is ${session.status} (${session.reason?.message}), not ${status}; its console: ${body.lines.slice(-30).join('\n')}`,
    );
  }
}

/** Everything of a machine: its directory and its processes. */
async function untilGone(machineId: string): Promise<void> {
  const started = Date.now();
  while (readdirSync(join(oriel.dir, 'data/machines')).includes(machineId) || hasProcess(machineId)) {
    assert.ok(Date.now() - started < 2_000 * PACE, 'the machine is still there after 2 s');
    await sleep(20);
  }
}

function hasProcess(machineId: string): boolean {
  return globSync('/proc/[0-9]*/cmdline').some((path) => {
    try {
      return readFileSync(path, 'utf8').includes(machineId);
    } catch {
      return false;
    }
  });
}

/** The statuses that the session's own events tell, to the last. */
async function followEvents(sessionId: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${await viewerTokenOf()}` };
  const response = await fetch(`${api.origin}/api/auth/session/${sessionId}/events`, { headers });
  return [...(await response.text()).matchAll(/"status":"([a-z_]+)"/g)].map(([, status]) => status!);
}

async function viewerTokenOf(): Promise<string> {
  return /token[^\n]*?: *(\S{20,})/.exec(oriel.output)![1]!;
}

/** Whose id token it is. */
function toSubject(jwt: string): string {
  return (JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as { sub: string }).sub;
}

async function eventually(what: string, isSo: () => boolean, timeoutMs = 10_000 * PACE): Promise<void> {
  for (const until = Date.now() + timeoutMs; !isSo(); await sleep(20)) assert.ok(Date.now() < until, `${what}: not within ${timeoutMs} ms`);
}

/** A tool that writes what this says where another one keeps its credentials. */
function toWriter(words: string): string[] {
  return ['sh', '-c', `mkdir -p ~/.codex && ${words} >~/.codex/auth.json`];
}

function readKept(): { place: string; text: string }[] {
  const files = globSync(`${oriel.dir}/data/**/*`).filter((path) => lstatSync(path).isFile());
  return [...files.map((place) => ({ place, text: readFileSync(place, 'latin1') })), { place: 'output', text: oriel.output }];
}

test.run();
