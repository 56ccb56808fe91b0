import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { ServiceState } from '#contract/guest';
import { waitForMarks } from '#test/api';
import { startBrowser } from '#test/browser';
import { waitForCard } from '#test/card';
import { takeCensus } from '#test/census';
import { makeInternet } from '#test/internet';
import { fillDisk } from '#test/fill-disk';
import { findLeftOver } from '#test/left-over';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';
import { BrokenOriel, type BrokenSession } from '../kit/broken/controller.ts';
import { BROKEN_CONTAINERS, type Fault } from '../kit/broken/driver.ts';
import { damageImage, useImage } from '../kit/broken/image.ts';

/*
 * One controller, one image, whose machines break as the kernel line tells them. All sessions are started at once, with a page open
 * on each, as somebody would look at it: each test then reads how one of them ended.
 */
const test = suite('broken on purpose', { timeoutMs: 60_000 });

/** Eleven machines come up at once. */
const LIMITS_S = { network: 10, machine: 10, boot: Math.ceil(30 * PACE), desktop: Math.ceil(25 * PACE) };
/** Time that a controller with two processors and a dozen desktops needs to notice. */
const SLACK_MS = 1_500 * PACE;

interface Case {
  fault: Fault;
  phase: keyof typeof LIMITS_S;
  code: string;
  /** In GET and on the page. */
  reason: RegExp;
  /** A line of the console. */
  said: RegExp;
}

const CASES: Case[] = [
  {
    fault: 'config',
    phase: 'boot',
    code: 'machine_fatal',
    reason: /config: \/display\/width must be integer/i,
    said: /^oriel: fatal: config: \/display\/width/,
  },
  { fault: 'config-text', phase: 'boot', code: 'machine_fatal', reason: /config: not base64url/i, said: /^oriel: fatal: config: not/ },
  {
    fault: 'gstreamer',
    phase: 'desktop',
    code: 'machine_fatal',
    reason: /this image cannot make video: Cannot find module 'gstreamer-superficial'/,
    said: /^oriel: fatal: stream: /,
  },
  {
    fault: 'encoder',
    phase: 'desktop',
    code: 'machine_fatal',
    reason: /this image cannot make video: no element "vp8enc"/,
    said: /^oriel: fatal: stream: /,
  },
  {
    fault: 'disk',
    phase: 'boot',
    code: 'machine_fatal',
    reason: /disk: 0 MiB are free on \/, 32 are needed/i,
    said: /^oriel: fatal: disk: /,
  },
  {
    fault: 'xorg',
    phase: 'desktop',
    code: 'service_crash_loop',
    reason: /service xorg ended 4 times and was never ready[^]*no screens found/,
    said: /^xorg: \(EE\) no screens found/,
  },
  {
    fault: 'x11vnc',
    phase: 'desktop',
    code: 'service_crash_loop',
    reason: /service x11vnc ended 4 times and was never ready: exit code 3: giving up[^]*x11vnc: a library is missing\nx11vnc: giving up/,
    said: /^x11vnc: a library is missing$/,
  },
  {
    fault: 'agent',
    phase: 'boot',
    code: 'boot_timed_out',
    reason: /agent in the machine did not report within \d+ s[^]*agent: Error: a mistake in the agent/,
    said: /^agent: Error: a mistake in the agent$/,
  },
  {
    fault: 'silent',
    phase: 'boot',
    code: 'boot_timed_out',
    reason: /agent in the machine did not report within \d+ s[^]*waiting for a disk that never comes/,
    said: /^waiting for a disk that never comes$/,
  },
  {
    fault: 'exit',
    phase: 'boot',
    code: 'machine_exited',
    reason: /machine is gone: exited with code 7[^]*the last thing it said/,
    said: /^the last thing it said$/,
  },
];

const oriel = new BrokenOriel(BROKEN_CONTAINERS);
const target = new TargetServer();
const sessions = new Map<Fault, BrokenSession>();
const pages = new Map<Fault, Page>();
let before: string[] = [];
let browser: Browser;
let good: BrokenSession;
let viewer: ViewerPage;

test.before(async () => {
  makeInternet();
  before = takeCensus();
  await target.start();
  browser = await startBrowser();
  await oriel.start({
    ORIEL_MAX_SESSIONS: '20',
    ORIEL_MEMORY_MIB: '1024',
    ...Object.fromEntries(Object.entries(LIMITS_S).map(([phase, s]) => [`ORIEL_${phase.toUpperCase()}_TIMEOUT_SECONDS`, String(s)])),
  });
  good = await oriel.startSession('none');
  for (const { fault } of CASES) {
    const session = await oriel.startSession(fault);
    sessions.set(fault, session);
    pages.set(fault, await openPage(session.link));
  }
});

test.after(async () => {
  await browser?.close();
  await oriel.stop();
  await target.stop();
});

test('the same image without a fault comes up and shows a picture', async () => {
  viewer = await ViewerPage.open(browser, good.link, { timeoutMs: 30_000 });
  assert.is(oriel.read(good.id).status, 'vm_created');
});

for (const { fault, phase, code, reason, said } of CASES) {
  test(`${fault}: failed within the limit of ${phase}, with the reason by API and on the page`, async () => {
    const { id } = sessions.get(fault)!;
    const session = await oriel.waitForEnd(id, Object.values(LIMITS_S).reduce((a, b) => a + b) * 1000);
    assert.is(session.status, 'failed');
    assert.is(session.reason?.code, code, session.reason?.message);
    assert.match(session.reason!.message, reason);

    const last = session.phases.at(-1)!;
    assert.is(last.name, phase);
    const ms = Date.parse(session.updatedAt) - Date.parse(last.startedAt);
    assert.ok(ms <= LIMITS_S[phase] * 1000 + SLACK_MS, `${ms} ms after the phase began`);

    const card = await waitForCard(pages.get(fault)!, new RegExp(`Code: ${code}`), 10_000 * PACE);
    assert.match(card.text, reason);
    const { status, body } = await oriel.api.ask<{ lines: string[] }>(`GET /api/auth/session/${id}/console`);
    assert.is(status, 200);
    assert.ok(body.lines.length <= 500, `${body.lines.length} lines`);
    assert.ok(
      body.lines.some((line) => said.test(line)),
      `no ${said} in:\n${body.lines.join('\n')}`,
    );
  });
}

test('a service that keeps ending is named in the services, by API and on the page', async () => {
  const { body } = await oriel.api.ask<{ services: ServiceState[] }>(`GET /api/auth/session/${sessions.get('x11vnc')!.id}/services`);
  const service = body.services.find(({ name }) => name === 'x11vnc')!;
  // On a slow machine it has begun once more before its machine is gone.
  assert.ok(['down', 'starting'].includes(service.state), service.state);
  assert.equal([service.restarts >= 4, service.reason], [true, 'exit code 3: giving up']);
  const { details } = await waitForCard(pages.get('x11vnc')!, /Code: /, 10_000 * PACE);
  assert.match(details, /^x11vnc: (down|starting), ended \d+ times: exit code 3: giving up$/m);
  assert.match(details, /^x11vnc: a library is missing$/m);
});

test('what failed leaves no machine: only the good one is there', async () => {
  await eventually('the machines are gone', () => oriel.sessionCount === 1);
  const { body } = await oriel.api.ask<string>('GET /metrics');
  assert.match(body, /^oriel_sessions\{status="vm_created"\} 1$/m);
});

for (const { how, reason } of [
  { how: 'cut', reason: /image [0-9a-f]{64}: .*rootfs\.erofs has \d+ bytes, \d+ are needed: remove .* and build one: just build-image/ },
  { how: 'flip', reason: /rootfs\.erofs is damaged: its sha256 is [0-9a-f]{64}\. Remove it and build it again/ },
] as const) {
  test(`an image that is ${how === 'cut' ? 'truncated' : 'changed in one bit'} is not booted, and it is said what to do`, async () => {
    const damaged = await damageImage(oriel.imagesDir, oriel.imageId, how);
    try {
      const { id, link } = await oriel.startAny(how);
      const { status, reason: told } = await oriel.waitForEnd(id, 20_000 * PACE);
      assert.equal([status, told?.code], ['failed', 'image_unusable']);
      assert.match(told!.message, reason);
      const page = await openPage(link);
      assert.match((await waitForCard(page, /Code: image_unusable/, 10_000 * PACE)).text, reason);
      await page.context().close();
    } finally {
      await useImage(oriel.imagesDir, oriel.imageId);
      rmSync(damaged, { recursive: true });
    }
  });
}

for (const path of ['/?', '/desktop?', '/desktop?theme=dark&']) {
  test(`a link as the old frontend made it shows the desktop: ${path}session=…&provider=…#token=…`, async () => {
    const { hash } = new URL(good.link);
    const page = await ViewerPage.open(browser, `${oriel.api.origin}${path}session=${good.id}&provider=desktop${hash}`);
    assert.match(page.page.url(), /\/desktop\?.*session=s-[a-z2-7]{20}&provider=desktop$/, 'the token is out of sight');
    assert.equal(page.console, []);
    await page.close();
  });
}

test('the egress process, killed, is back within 3 s with the lease of the desktop that runs', async () => {
  await waitForMarks(oriel.api, good.id, ['terminal']);
  await takeTerminal(viewer, target);
  await viewer.type(`while sleep 0.1; do curl -s -m 1 ${target.url}/tick; done >/dev/null\n`);
  await target.waitFor('a request before', ({ path }) => path === '/tick');
  const pid = readEgressPid();
  process.kill(pid, 'SIGKILL');
  const killedAt = Date.now();
  const seen: string[] = [];
  const away = eventually('not ready', async () => {
    const { status, body } = await oriel.api.ask<{ checks: { egress: string } }>('GET /ready');
    seen.push(`${status} ${body.checks.egress}`);
    return status === 503 && body.checks.egress !== 'ok';
  });
  await away;
  const count = target.received.length;
  await eventually('a request after', () => target.received.length > count);
  assert.ok(Date.now() - killedAt < 3_000 * PACE, `${Date.now() - killedAt} ms`);
  assert.not.equal(readEgressPid(), pid);
  assert.is((await oriel.api.ask('GET /ready')).status, 200);
  await viewer.cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'c', code: 'KeyC', modifiers: 2 });
  await viewer.cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'c', code: 'KeyC', modifiers: 2 });
});

test('on a full disk the controller lives: it starts nothing, says why, and what runs goes on and can be ended', async () => {
  const filler = join(oriel.dataDir, 'filler');
  fillDisk(filler);
  const { status, body } = await oriel.api.ask<{ error: { code: string; message: string } }>('POST /api/auth/start', {
    body: { userId: 'late', provider: 'desktop' },
  });
  assert.equal([status, body.error.code], [503, 'host_disk_full']);
  assert.match(body.error.message, /the host's disk is full: 0 MiB are free, 64 are needed/);
  const ready = await oriel.api.ask<{ checks: Record<string, string> }>('GET /ready');
  assert.is(ready.status, 503);
  assert.match(ready.body.checks.disk!, /0 MiB are free/);
  assert.is(oriel.sessionCount, 1, 'nothing is half made');

  assert.is((await oriel.api.ask(`GET /api/auth/session/${good.id}`)).status, 200);
  assert.is((await oriel.api.ask(`DELETE /api/auth/session/${good.id}`)).status, 204);
  assert.is(oriel.read(good.id).status, 'stopped');
  assert.match((await waitForCard(viewer.page, /./, 10_000 * PACE)).text, /This desktop was ended/);
  await eventually('its machine is gone', () => oriel.sessionCount === 0);

  rmSync(filler);
  const later = await oriel.startSession('silent', 'late');
  assert.is((await oriel.api.ask(`DELETE /api/auth/session/${later.id}`)).status, 204);
});

test('no mistake of the controller is in its log', () => {
  const mistakes = oriel.logged.filter((line) => /bring-up broke|request failed|nobody caught|could not be taken down/.test(line));
  assert.equal(mistakes, []);
});

test('nothing is left over', async () => {
  await browser.close();
  await oriel.stop();
  assert.equal(await findLeftOver(before, oriel), []);
});

test.run();

async function openPage(link: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  return page;
}

async function eventually(what: string, isSo: () => boolean | Promise<boolean>, timeoutMs = 10_000 * PACE): Promise<void> {
  for (const until = Date.now() + timeoutMs; !(await isSo()); await sleep(10))
    if (Date.now() > until) throw new Error(`${what}: not within ${timeoutMs} ms`);
}

/** The process says so first of all in its log, which begins anew with it. */
/** Each begins with a line that has its own; the log is gone on with. */
function readEgressPid(): number {
  const lines = readFileSync(join(oriel.runDir, 'egress.log'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => (JSON.parse(line) as { pid?: number }).pid).findLast((pid) => pid !== undefined)!;
}
