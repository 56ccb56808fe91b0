import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { GUEST_NETWORK } from '#contract/network';
import type { Session } from '#contract/session';
import { startBrowser } from '#test/browser';
import { takeCensus } from '#test/census';
import { makeInternet } from '#test/internet';
import { findLeftOver } from '#test/left-over';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { ViewerPage } from '#test/viewer';
import { createClient, type OrielClient } from '../../controller/client/index.ts';

const test = suite('warm', { timeoutMs: 120_000 * PACE });

const oriel = new Oriel({ instance: 'oriwarm', env: { ORIEL_WARM: '1', ORIEL_LOG_LEVEL: 'info' } });
const target = new TargetServer();
let before: string[] = [];
let browser: Browser;
let client: OrielClient;
/** On the machine that waited, and on one of its own. */
let [warm, cold]: (Session | undefined)[] = [];
let isDown = false;

test.before(async () => {
  makeInternet();
  before = takeCensus();
  await target.start();
  const { origin, apiKey, sessionId } = await oriel.start(60_000 * PACE);
  client = createClient({ baseUrl: origin, token: apiKey });
  await client.stop(sessionId);
  browser = await startBrowser();
  await waitForReady(1);
});
test.after(stop);

test('what waits in the pool has no way out', async () => {
  const [machineId] = readdirSync(join(oriel.dir, 'data/machines'));
  assert.not.ok(await canGoOut(machineId!));
});

test('the session that starts first gets it, with a picture, a keyboard and a way out; the second has a machine of its own', async () => {
  const { sessionId, viewer } = await client.startSession({ userId: 'ann', provider: 'desktop' });
  const second = await client.startSession({ userId: 'bob', provider: 'desktop' });
  const page = await ViewerPage.open(browser, viewer.url, { timeoutMs: 15_000 * PACE });
  warm = await client.getSession(sessionId);
  assert.equal(
    warm.phases.map(({ name }) => name),
    ['claim'],
  );
  assert.ok(await canGoOut(warm.machine!.machineId), 'the same probe that found no way out before');
  await typeCommand(page, '/typed/warm');
  const other = await ViewerPage.open(browser, second.viewer.url, { timeoutMs: 30_000 * PACE });
  cold = await client.getSession(second.sessionId);
  assert.equal(
    cold.phases.map(({ name }) => name),
    ['network', 'machine', 'boot', 'desktop'],
  );
  await typeCommand(other, '/typed/cold');
});

test('inside, one that was started warm and one that was started cold are alike', () => {
  const [one, two] = [warm, cold].map((session) => readFacts(session!.machine!.machineId));
  assert.ok(
    one!.some((line) => line.startsWith('etc/environment ')),
    one!.join('\n'),
  );
  assert.equal(one, two);
});

test('the pool is filled again, outlives its controller, and is of use to the next one', async () => {
  await waitForReady(2);
  await oriel.end('SIGKILL');
  const seen = oriel.output.length;
  await oriel.startAgain();
  await oriel.waitForOutput(/warm machine ready/, 15_000 * PACE, seen);
  await client.stop(warm!.sessionId).catch(() => undefined);
});

test('in the end nothing is left over', async () => {
  await stop();
  assert.equal(await findLeftOver(before, { instance: oriel.instance, dir: oriel.dir }), []);
});

async function stop(): Promise<void> {
  if (isDown) return;
  isDown = true;
  await browser?.close();
  await oriel.interrupt();
  await target.stop();
  oriel.removeFiles();
}

async function waitForReady(times: number): Promise<void> {
  await oriel.waitForOutput(new RegExp(`(?:warm machine ready[^]*){${times}}`), 60_000 * PACE, 0);
}

/** By the egress proxy, as programs in the machine go. */
async function canGoOut(machineId: string): Promise<boolean> {
  const proxy = `http://${GUEST_NETWORK.gateway}:${GUEST_NETWORK.egressProxyPort}`;
  const argv = ['--target', pidOf(machineId), '--net', 'curl', '-s', '-m', '5', '-x', proxy, `${target.url}/probe`];
  try {
    await promisify(execFile)('nsenter', argv);
  } catch {
    return false;
  }
  return target.received.some(({ path }) => path === '/probe');
}

function pidOf(machineId: string): string {
  return readFileSync(join(oriel.dir, 'data/machines', machineId, 'bundle/pid'), 'utf8').trim();
}

/** Names, modes, owners of all in /run/oriel, and what of it is no secret, with the machine's own names left out. */
function readFacts(machineId: string): string[] {
  const root = `/proc/${pidOf(machineId)}/root/run/oriel`;
  // Its root's id on the host: each machine has ids of its own.
  const first = statSync(`/proc/${pidOf(machineId)}`).uid;
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => !/^(log|restarts|x11)\//.test(name));
  return names.sort().map((name) => {
    const { mode, uid, gid } = statSync(join(root, name));
    return `${name} ${mode.toString(8)} ${uid - first} ${gid - first} ${name.startsWith('etc/') ? readWords(join(root, name), machineId) : ''}`;
  });
}

function readWords(path: string, machineId: string): string {
  if (path.endsWith('/machine-id') || statSync(path).isDirectory()) return '';
  return readFileSync(path, 'utf8').replaceAll(machineId, 'ITS-ID');
}

/** The click moves the focus to the terminal, or a window that comes up takes it: the first keys may go elsewhere. */
async function typeCommand(page: ViewerPage, path: string): Promise<void> {
  for (let tries = 1; !target.received.some((received) => received.path === path); tries++) {
    await page.click(200, 200);
    await page.type(`curl -s ${target.url}${path}\n`);
    const typed = target.waitFor('the typed command', (received) => received.path === path, 3_000 * PACE);
    await typed.catch((error: Error) => {
      if (tries === 5) throw error;
    });
    await sleep(100);
  }
}

test.run();
