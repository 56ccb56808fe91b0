import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import type { Viewer } from '#contract/viewer';
import { Api } from '#test/api';
import { waitForCard } from '#test/card';
import { listNew } from '#test/core-dumps';
import { waitForCounter } from '#test/counter';
import { Desk } from '#test/desk';
import { findInMachine, listInMachine } from '#test/machine';
import { PACE } from '#test/pace';
import { describeProcess, isFirstInNamespace, tryKill } from '#test/processes';
import { readRights } from '#test/rights';
import { assert, suite } from '#test/suite';
import { ViewerPage } from '#test/viewer';
import { KEPT, parseCapabilities } from '../../controller/src/host/capabilities.ts';
import { CAPABILITIES } from '../../controller/src/machines/drivers/container/oci-config.ts';

const test = suite('who may look, and who may touch', { timeoutMs: 60_000 });

/** As short as it can be set. */
const TOKEN_S = 10;
const desk = new Desk({ env: { ORIEL_VIEWER_TOKEN_SECONDS: String(TOKEN_S) } });
let api: Api;
let looker: ViewerPage;
let viewer: Viewer;
let issuedAt = 0;

test.before(async () => {
  await desk.start();
  api = new Api(desk.session.origin, desk.session.apiKey);
  viewer = await issue('view');
  issuedAt = performance.now();
  looker = await ViewerPage.open(desk.browser, viewer.url);
});
test.after(() => desk.stop());

test('one who may only look sees a picture that lives, and types nothing; with a link that may touch the same keys arrive', async () => {
  await waitForCounter(looker);
  await desk.typeLine(`curl -s ${desk.target.url}/by-looker`, looker);
  const toucher = await ViewerPage.open(desk.browser, (await issue('control')).url);
  await desk.typeLine(`curl -s ${desk.target.url}/by-toucher`, toucher);
  await desk.target.waitFor('the command of who may touch', ({ path }) => path === '/by-toucher');
  assert.not.ok(
    desk.target.received.some(({ path }) => path === '/by-looker'),
    'what the other typed before',
  );
  await toucher.close();
});

test('a page renews its token by itself: after its time is over a reload works, and the first token is void', async () => {
  await sleep(Math.max(0, (TOKEN_S + 1) * 1000 - (performance.now() - issuedAt)));
  const path = `GET /api/auth/session/${desk.session.sessionId}`;
  assert.is((await api.ask(path, { token: viewer.token })).status, 401);
  await looker.page.reload();
  await looker.waitForPicture(20_000 * PACE);
  await waitForCounter(looker);
});

test('one who is revoked loses the picture and is told why, on a page that is open; others go on', async () => {
  const { count } = await waitForCounter(desk.viewer);
  const started = performance.now();
  const path = `/api/auth/session/${desk.session.sessionId}/viewers/${viewer.peerId}`;
  assert.is((await api.ask(`DELETE ${path}`)).status, 204);
  await waitForCard(looker.page, /was taken back/, 3_000 * PACE);
  console.log(`    told after ${Math.round(performance.now() - started)} ms`);
  const { peers } = (await api.ask<GuestStatus>(`GET /api/auth/session/${desk.session.sessionId}/services`)).body;
  const its = peers.filter(({ peerId }) => peerId.startsWith(viewer.peerId));
  assert.ok(its.length > 0 && its.every(({ state }) => state === 'closed'), JSON.stringify(peers));
  assert.ok(
    its.some(({ reason }) => reason === 'viewer was revoked'),
    JSON.stringify(its),
  );
  await waitForCounter(desk.viewer, { above: count });
  await looker.close();
});

test('no process of the machine has a right that it needs not, or can get one, or leaves its memory in a core file', async () => {
  const machineId = await desk.machineId();
  const pids = listInMachine(machineId);
  const shim = pids.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('conmon'));
  const guests = pids.filter((pid) => !shim.includes(pid));
  assert.ok(shim.length === 1 && guests.length > 10, `${shim.length} and ${guests.length} processes`);
  const isWithin = (hex: string, names: readonly string[]) => parseCapabilities(hex).every((name) => names.includes(name));
  const inGuest = CAPABILITIES.map((name) => name.slice('CAP_'.length).toLowerCase());
  const namespaceOf = (pid: number) => readlinkSync(`/proc/${pid}/ns/user`);
  const agent = findInMachine(machineId, '/usr/lib/oriel/agent.mjs')[0]!;
  for (const pid of pids) {
    const { uid, bounding, permitted, noNewPrivs, core } = readRights(pid);
    const what = `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (${pid})`;
    // Chromium's sandbox makes user namespaces of its own: what it has there is over nothing of the machine's.
    if (shim.includes(pid) || namespaceOf(pid) === namespaceOf(agent)) {
      const allowed = shim.includes(pid) ? Object.keys(KEPT) : inGuest;
      assert.ok(isWithin(bounding, allowed) && isWithin(permitted, allowed), `${what}: ${bounding} ${permitted}`);
    }
    assert.ok(noNewPrivs && core.every((bytes) => bytes <= 1), `${what}: ${noNewPrivs} ${core.join(' ')}`);
    assert.is(uid === 0, shim.includes(pid), what);
  }
});

test('SIGABRT of the agent leaves no core file', async () => {
  const machineId = await desk.machineId();
  const [agent] = findInMachine(machineId, '/usr/lib/oriel/agent.mjs');
  // Its own directory in /proc goes with it; the first process's shows the same tree, and stays.
  const [init] = findInMachine(machineId, '/run/service');
  const dir = `/proc/${init}/root${readlinkSync(`/proc/${agent}/cwd`)}`;
  const before = readdirSync(dir);
  const { count } = await waitForCounter(desk.viewer);
  process.kill(agent!, 'SIGABRT');
  await waitForCounter(desk.viewer, { above: count + 1 });
  assert.equal(
    readdirSync(dir).filter((name) => !before.includes(name) && name.includes('core')),
    [],
  );
});

test('SIGABRT of every other process of the machine, its shim too, leaves no core file', async () => {
  const machineId = await desk.machineId();
  const [init] = findInMachine(machineId, '/run/service');
  const all = listInMachine(machineId);
  const shim = all.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('conmon'))!;
  const guests = all.filter((pid) => pid !== shim && pid !== init);
  assert.ok(init !== undefined && guests.length > 10);
  // Chromium's sandboxed processes are where nothing can be written: in a directory of /proc that is gone.
  const inGuest = [...new Set(guests.map((pid) => `/proc/${init}/root${readlinkSync(`/proc/${pid}/cwd`)}`))].filter((dir) =>
    existsSync(dir),
  );
  const dirs = [...inGuest, readlinkSync(`/proc/${shim}/cwd`)];
  assert.ok(inGuest.length > 0);
  const before = new Map(dirs.map((dir) => [dir, readdirSync(dir)]));
  await abort(guests);
  await abort([shim]);
  for (const dir of dirs)
    assert.equal(
      listNew(dir, before.get(dir)!).filter((name) => name.includes('core')),
      [],
      dir,
    );
});

test.run();

/**
 * A service's first process is begun again when it ends: only those that were there are waited for. No signal but SIGKILL ends the
 * first process of a pid namespace, as Chromium's zygote is, unless it asks for it: it goes by itself when its browser's end
 * reaches it, or it is killed here; it has left no core either way.
 */
async function abort(pids: readonly number[]): Promise<void> {
  for (const pid of pids) tryKill(pid, 'SIGABRT');
  const started = performance.now();
  for (let left = [...pids]; left.length > 0; await sleep(50)) {
    left = left.filter((pid) => tryKill(pid, 0));
    const ms = performance.now() - started;
    if (ms > 2_000 * PACE) for (const pid of left.filter(isFirstInNamespace)) tryKill(pid, 'SIGKILL');
    if (ms > 10_000 * PACE) assert.unreachable(`still there: ${left.map(describeProcess).join('; ')}`);
  }
}

async function issue(role: 'view' | 'control'): Promise<Viewer> {
  const { status, body } = await api.ask<Viewer>(`POST /api/auth/session/${desk.session.sessionId}/viewers`, { body: { role } });
  assert.is(status, 200, JSON.stringify(body));
  return body;
}
