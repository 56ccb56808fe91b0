import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Session, SessionStarted } from '#contract/session';
import type { Browser } from 'playwright-core';
import { Api } from '#test/api';
import { Board } from '#test/board';
import { startBrowser } from '#test/browser';
import { takeCensus } from '#test/census';
import { makeInternet } from '#test/internet';
import { makeKernelStandIn } from '#test/kernel-stand-in';
import { findLeftOver } from '#test/left-over';
import { isLong } from '#test/long';
import { makeOtherImage } from '#test/other-image';
import { PACE } from '#test/pace';
import { ProcessHost } from '#test/process-host';
import { copyReleaseTree } from '#test/release-tree';
import { showBoard } from '#test/show-board';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { startClients } from '#test/upgrade-clients';
import { ViewerPage } from '#test/viewer';
import { watchCounter, type Watched } from '#test/watch-counter';
import { findImage } from '../../controller/src/machines/image.ts';
import { installRelease, rollBack } from '../../infra/host/install.ts';

/* Another release under load: of other bytes, with another image, switched in and back as `oriel-host` does it (test/kit/process-host.ts). */
const test = suite('upgrade', { timeoutMs: 600_000 });
const ROOT = join(import.meta.dirname, '../..');
const GOLDEN = process.env.ORIEL_IMAGE_DIR ?? '/var/lib/oriel/images';
const SESSIONS = Number(process.env.ORIEL_TEST_SESSIONS ?? 20);
const WATCHED = 2;
/** One picture's counter moves ten times a second. */
const GAP_MS = 1_000 * PACE;
const PORT = 7080;
const origin = `http://127.0.0.1:${PORT}`;
const run = promisify(execFile);

const VARIABLES = {
  ORIEL_PORT: String(PORT),
  ORIEL_INSTANCE: 'orie2e',
  ORIEL_DRIVER: 'container',
  ORIEL_MAX_SESSIONS: String(SESSIONS + 10),
  ORIEL_MAX_SESSIONS_PER_USER: '64',
  ORIEL_STARTS_PER_MINUTE: '600',
  // What else this machine does is no reason to refuse one.
  ORIEL_MEMORY_SHARE: '0.1',
  ORIEL_RESERVE_MIB: '0',
  ORIEL_CPU_PRESSURE_MOST: '100',
};
const target = new TargetServer();
new Board(target);
let host: ProcessHost;
let before: string[] = [];
let releases: string[] = [];
let images: string[] = [];
let browser: Browser;
let api: Api;
let apiKey = '';
/** A page whose connection breaks just then. */
let unlucky: ViewerPage;
const sessions: SessionStarted[] = [];
const viewers: ViewerPage[] = [];

if (isLong) {
  test.before(async () => {
    makeInternet();
    before = takeCensus();
    host = new ProcessHost(VARIABLES);
    await target.start();
    const other = join(host.root, 'other');
    images = [(await findImage(GOLDEN)).id, await makeOtherImage(GOLDEN, join(other, 'images'))];
    const tree = join(other, 'tree');
    copyReleaseTree(tree);
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
    appendFileSync(join(tree, 'controller/src/process/notify.ts'), '\n(globalThis as Record<string, unknown>).anotherRelease = true;\n');
    makeKernelStandIn(join(other, 'kernels'));
    releases = [await makeRelease(ROOT, GOLDEN), await makeRelease(tree, join(other, 'images'))];
    await installRelease(releases[0]!, host.layout, host, { env: host.variables });
    apiKey = host.oriel('key', 'create', 'load', '--scopes', 'start,read,control,operate').trim();
    api = new Api(origin, apiKey);
    browser = await startBrowser();
    const since = performance.now();
    for (let index = 0; index < SESSIONS; index++) {
      const session = await start(`u${index}`);
      sessions.push(session);
      await untilReady(session.sessionId);
    }
    console.log(`${SESSIONS} desktops were there after ${Math.round((performance.now() - since) / 1000)} s`);
    for (const [index, session] of sessions.slice(0, WATCHED).entries()) {
      const viewer = await ViewerPage.open(browser, toLink(session), { timeoutMs: 30_000 * PACE });
      viewers.push(viewer);
      await showBoard({ viewer, target, readSession: () => read(session.sessionId), name: String(index), timeoutMs: 90_000 * PACE });
    }
    unlucky = await ViewerPage.open(browser, toLink(sessions[WATCHED]!), { timeoutMs: 30_000 * PACE });
  });
  test.after(async () => {
    await browser?.close();
    await host?.[Symbol.asyncDispose]();
    await target.stop();
  });

  test('another release takes over: no desktop is lost, no picture stops for a second, each question is answered or can be asked again', () =>
    switchUnderLoad(() => installRelease(releases[1]!, host.layout, host), 1));

  test('the one before takes over again, just so', () => switchUnderLoad(() => rollBack(host.layout, host), 0));

  test('with `down` all of it is gone', async () => {
    await browser.close();
    host.oriel('down');
    assert.equal(await findLeftOver(before, { instance: 'orie2e', dir: host.layout.data }), []);
  });
} else test.skip('another release takes over under load', 'it takes minutes: just nightly');

test.run();

/** Has `act` switch to the release of this index while everything that clients do goes on. */
async function switchUnderLoad(act: () => Promise<void>, index: number): Promise<void> {
  const olds = await Promise.all(sessions.map(({ sessionId }) => read(sessionId)));
  const pictures = await Promise.all(viewers.map((viewer) => viewer.countPictures()));
  const unluckyPictures = await unlucky.countPictures();
  // As long as a switch, without one: what the machine's other work does to a picture by itself.
  const control = await watch(() => sleep(8_000));
  const clients = startClients({ origin, apiKey, sessionId: sessions.at(-1)!.sessionId });
  const comingUp = await start(`coming-up-${index}`);
  const switched = await watch(async () => {
    const switching = act();
    // Its page signals while the one controller goes and the other comes.
    await unlucky.closePeerConnection();
    await switching;
    await sleep(3_000);
  });
  const { answers, started } = await clients.stop();

  const { stopMs, startMs } = host.restart;
  console.log(`the old one ended after ${Math.round(stopMs)} ms, the new one served ${Math.round(startMs)} ms later`);
  for (const [number, { longestMs, longestAt, seen }] of switched.entries())
    console.log(
      `picture ${number}: longest without a change ${Math.round(longestMs)} ms (${Math.round(longestAt)} ms after the beginning; ${seen} seen); ` +
        `${Math.round(control[number]!.longestMs)} ms without a switch`,
    );
  console.log(`answers: ${JSON.stringify(answers)}`);

  assert.is(host.said.at(-1), `${releases[index]!.split('/').at(-1)} runs`);
  for (const { longestMs } of switched) assert.ok(longestMs <= GAP_MS, `a picture stood still for ${Math.round(longestMs)} ms`);
  assert.equal(await Promise.all(viewers.map((viewer) => viewer.countPictures())), pictures, 'they are the same connections');
  const news = await Promise.all(sessions.map(({ sessionId }) => read(sessionId)));
  const toFacts = ({ status, image, machine }: Session) => ({ status, image, machine: machine?.machineId });
  assert.equal(news.map(toFacts), olds.map(toFacts), 'each is the desktop that it was');
  assert.ok(news.every(({ status }) => status === 'vm_created'));

  await unlucky.waitForPictures(unluckyPictures + 1, 30_000 * PACE);
  assert.is((await untilReady(started)).status, 'vm_created', 'what was started meanwhile is there');
  assert.is((await untilReady(comingUp.sessionId)).status, 'vm_created', 'what was coming up came up');
  const fresh = await start(`fresh-${index}`);
  assert.is((await untilReady(fresh.sessionId)).image, images[index], 'a new desktop is of the new image');
  const viewer = await ViewerPage.open(browser, toLink(fresh), { timeoutMs: 30_000 * PACE });
  await viewer.close();
  for (const id of [comingUp.sessionId, fresh.sessionId, started]) await api.ask(`DELETE /api/auth/session/${id}`);
}

async function watch(act: () => Promise<unknown>): Promise<Watched[]> {
  const ends = await Promise.all(viewers.map(watchCounter));
  await act();
  return Promise.all(ends.map((end) => end()));
}

/** Path of a release of this tree with this image. */
async function makeRelease(tree: string, imageDir: string): Promise<string> {
  const env = { ...process.env, ORIEL_IMAGE_DIR: imageDir, ORIEL_KERNEL_DIR: join(host.root, 'other/kernels') };
  const out = join(host.root, 'made');
  await run(process.execPath, [join(tree, 'infra/release/main.ts'), 'make', '--allow-changes', '--out', out], { env, maxBuffer: 1 << 24 });
  const id = readdirSync(out).find((name) => /^[0-9a-f]{64}$/.test(name))!;
  mkdirSync(host.layout.releases, { recursive: true });
  renameSync(join(out, id), join(host.layout.releases, id));
  return join(host.layout.releases, id);
}

async function start(userId: string): Promise<SessionStarted> {
  const { status, body } = await api.ask<SessionStarted>('POST /api/auth/start', { body: { userId, provider: 'desktop' } });
  assert.is(status, 200, JSON.stringify(body));
  return body;
}

async function read(id: string): Promise<Session> {
  return (await api.ask<Session>(`GET /api/auth/session/${id}`)).body;
}

async function untilReady(id: string): Promise<Session> {
  for (const until = Date.now() + 60_000 * PACE; ; await sleep(100)) {
    const session = await read(id);
    if (session.status === 'vm_created') return session;
    if (session.status === 'failed' || Date.now() > until)
      throw new Error(`the session is ${session.status}: ${JSON.stringify(session.reason)}`);
  }
}

function toLink({ viewer, sessionId }: SessionStarted): string {
  return `${origin}/desktop?session=${sessionId}#token=${viewer.token}`;
}
