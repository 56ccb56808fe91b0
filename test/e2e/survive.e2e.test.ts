import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import { takeCensus } from '#test/census';
import { readCounter, waitForCounter, waitForTransport } from '#test/counter';
import { Desk } from '#test/desk';
import { findLeftOver } from '#test/left-over';
import { isLong } from '#test/long';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';

const test = suite('survive', { timeoutMs: 240_000 });

const KILLS = isLong ? 25 : 3;
/** One restart after the other, with time for people in between. */
const PAUSE_MS = 1_500;
const GAP_MS = 1_000 * PACE;
/** The guest asks every second. */
const TELL_LIMIT_MS = 2_500 * PACE;
const VNC_LIMIT_MS = 3_000 * PACE;
/** At a pace at which it is on its way all the time. */
const DOWNLOAD = { bytes: isLong ? 400_000_000 : 60_000_000, bytesPerSecond: 3_000_000 / PACE };

const desk = new Desk();
let before: string[] = [];
let vnc: ViewerPage;
let machineId = '';
let isDown = false;

test.before(async () => {
  await desk.start(() => void (before = takeCensus()));
  machineId = await desk.machineId();
  desk.target.flow('/big', DOWNLOAD);
  vnc = await ViewerPage.goTo(await desk.browser.newContext({ viewport: { width: 1280, height: 800 } }), desk.session.link);
  await vnc.waitForPicture(15_000 * PACE);
  await vnc.clickSwitch();
  await waitForTransport(vnc, 'vnc');
});
test.after(() => (isDown ? undefined : desk.stop()));

test('the picture moves on, a download comes through and noVNC is back, whenever the controller is killed', async () => {
  await desk.typeLine(`curl -s ${desk.target.url}/big | wc -c | curl -s --data-binary @- ${desk.target.url}/said/big`);
  await desk.target.waitFor('the download', ({ path }) => path === '/big');
  const pictures = await desk.viewer.countPictures();
  const watch = watchPicture(desk.viewer);
  const back: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    await desk.oriel.end('SIGKILL');
    await desk.oriel.startAgain();
    const since = performance.now();
    back.push(await waitForTransport(vnc, 'vnc', { since, timeoutMs: 20_000 * PACE }));
    await sleep(PAUSE_MS);
  }
  assert.not.ok(
    desk.target.received.some(({ path }) => path === '/said/big'),
    'the download was on its way all the time',
  );
  const { body } = await desk.target.waitFor('the end of the download', ({ path }) => path === '/said/big', 120_000 * PACE);
  const gapMs = await watch.stop();
  console.log(`longest time without a new picture, of ${watch.seen()} seen: ${Math.round(gapMs)} ms`);
  console.log(`noVNC back: ${back.map((ms) => `${Math.round(ms)} ms`).join(', ')}; ${body.trim()} bytes came`);
  assert.is(Number(body), DOWNLOAD.bytes);
  assert.ok(gapMs <= GAP_MS, `the picture stood still for ${Math.round(gapMs)} ms`);
  for (const ms of back) assert.ok(ms <= VNC_LIMIT_MS, `noVNC was back after ${Math.round(ms)} ms`);
  assert.is(await desk.viewer.countPictures(), pictures, 'it is the same connection');
});

test('the picture moves on when the controller is told to end, and is started again', async () => {
  const watch = watchPicture(desk.viewer);
  const since = performance.now();
  await desk.oriel.end('SIGTERM');
  console.log(`it ended after ${Math.round(performance.now() - since)} ms`);
  await desk.oriel.startAgain();
  await sleep(PAUSE_MS);
  const gapMs = await watch.stop();
  assert.ok(gapMs <= GAP_MS, `the picture stood still for ${Math.round(gapMs)} ms`);
});

test('a controller that is away for long is told of in the state line, and the picture moves on', async () => {
  const watch = watchPicture(desk.viewer);
  await desk.oriel.end('SIGKILL');
  await untilStateLine(/ms · The server is away; the desktop goes on$/);
  assert.is(await desk.viewer.transport(), 'webrtc');
  await desk.oriel.startAgain();
  await untilStateLine(/ ms$/);
  const gapMs = await watch.stop();
  assert.ok(gapMs <= GAP_MS, `the picture stood still for ${Math.round(gapMs)} ms`);
});

test('the guest tells the next controller at once who looks', async () => {
  const { origin, sessionId, viewerToken } = desk.session;
  const readPeers = async () => {
    const reply = await fetch(`${origin}/api/auth/session/${sessionId}/services`, { headers: { authorization: `Bearer ${viewerToken}` } });
    return ((await reply.json()) as GuestStatus).peers.filter(({ state }) => state === 'connected');
  };
  /** Also of the controller before: it may have been told of them only just now. */
  const waitForPeers = async (count: number) => {
    for (const since = performance.now(); (await readPeers()).length < count; await sleep(50))
      assert.ok(performance.now() - since < TELL_LIMIT_MS, `not told within ${TELL_LIMIT_MS} ms of ${count} who look`);
  };
  await waitForPeers(1);
  const { length } = await readPeers();
  await desk.oriel.end('SIGKILL');
  await desk.oriel.startAgain();
  await waitForPeers(length);
});

test('afterwards one can type, by both ways, and it is the same session on the same machine', async () => {
  await desk.typeCommand();
  // The test before killed a controller.
  await waitForTransport(vnc, 'vnc', { timeoutMs: 20_000 * PACE });
  await desk.typeCommand(vnc);
  const { status, machine, services } = await desk.readSession();
  assert.equal([status, machine?.machineId], ['vm_created', machineId]);
  assert.is(services.find(({ name }) => name === 'agent')?.restarts, 0, 'and on the same agent');
});

test('a page that is opened, and one that is reloaded, get a picture', async () => {
  const second = await ViewerPage.goTo(await desk.browser.newContext({ viewport: { width: 1280, height: 800 } }), desk.session.link);
  await waitForCounter(second);
  await second.close();
  const { count } = await waitForCounter(desk.viewer);
  await desk.viewer.page.reload();
  await waitForCounter(desk.viewer, { above: count });
});

test('with `down` all of it is gone', async () => {
  await desk.stop();
  isDown = true;
  assert.equal(await findLeftOver(before, { instance: desk.oriel.instance, dir: desk.oriel.dir }), []);
});

async function untilStateLine(pattern: RegExp): Promise<void> {
  const read = async () => (await desk.viewer.element()).evaluate(({ shadowRoot }) => shadowRoot!.querySelector('.state')!.textContent);
  for (const until = Date.now() + 15_000 * PACE; !pattern.test((await read()) ?? ''); await sleep(50))
    if (Date.now() > until) throw new Error(`the state line is: ${await read()}`);
}

/** Looks at the counter all the time. `stop` gives the longest time in which it did not change, ms. */
function watchPicture(viewer: ViewerPage) {
  const stop = new AbortController();
  let [last, changedAt, longestMs, seen] = [-1, performance.now(), 0, 0];
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const count = await readCounter(viewer).catch(() => null);
      const now = performance.now();
      longestMs = Math.max(longestMs, now - changedAt);
      if (count !== null && count !== last) [last, changedAt, seen] = [count, now, seen + 1];
      await sleep(20);
    }
    return longestMs;
  })();
  return { stop: () => (stop.abort(), watching), seen: () => seen };
}

test.run();
