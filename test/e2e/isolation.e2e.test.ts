import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session, SessionStarted } from '#contract/session';
import { Desk } from '#test/desk';
import { INTERNET } from '#test/internet';
import { Isolation, METADATA, titles } from '#test/isolation';
import { assert, suite } from '#test/suite';

const test = suite('isolation', { timeoutMs: 60_000 });

const env = { ORIEL_BIND: '0.0.0.0', ORIEL_ALLOW_WEAK_ISOLATION: '1', ORIEL_PUBLIC_ADDRESSES: INTERNET.hostAddress };
const desk = new Desk({ env });
const isolation = new Isolation(desk);
const { forbidden, allowed } = isolation;

test.before(async () => {
  await desk.start(() => void execFileSync('ip', ['address', 'add', `${METADATA}/32`, 'dev', 'lo']));
  await startSecondClone();
  await isolation.start();
});

test.after(async () => {
  await isolation.stop();
  await desk.stop();
});

test('a clone reaches its guest endpoint and its way out, and nothing else', async () => {
  assert.equal(await isolation.probe(), titles(allowed));
});

test('each of these probes succeeds with the walls off', async () => {
  const restore = isolation.takeWallsDown();
  const reached = await isolation.probe();
  restore();
  assert.equal(reached, titles([...forbidden, ...allowed]));
});

test('with the walls up again, all is as it was', async () => {
  assert.equal(await isolation.probe(), titles(allowed));
});

async function startSecondClone(): Promise<void> {
  const { origin, apiKey } = desk.session;
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ userId: 'neighbour', provider: 'desktop' });
  const { sessionId } = (await (await fetch(`${origin}/api/auth/start`, { method: 'POST', headers, body })).json()) as SessionStarted;
  for (const until = Date.now() + 30_000; ; await sleep(50)) {
    const { status, reason } = (await (await fetch(`${origin}/api/auth/session/${sessionId}`, { headers })).json()) as Session;
    if (status === 'vm_created') return;
    assert.ok(Date.now() < until && !reason, `the second clone is ${status}: ${reason?.message}`);
  }
}

test.run();
