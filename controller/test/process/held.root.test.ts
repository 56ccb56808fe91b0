import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeInternet } from '#test/internet';
import { isLong } from '#test/long';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { runStorm, type Scene } from '../../../test/storm/storm.ts';

/* Sessions come and go all the while, on fake machines; another process has a transaction open on the database in the midst of it. */
const test = suite('a database that is held');
const LOAD_MS = 2_500;
const HELD_MS = isLong ? 10_000 : 4_000;
const REPLY_MS = 2_000;

test(
  'for seconds under load: starts get 503 with Retry-After, all else is answered, and nothing is lost, doubled or left over afterwards',
  async () => {
    makeInternet();
    let refused = 0;
    const during = async (scene: Scene) => {
      await sleep(LOAD_MS);
      refused = await hold(scene);
      await sleep(LOAD_MS);
    };
    const { violations, refusals, sessions } = await runStorm({ kills: 0, perPoint: 0, seed: 2, clients: 6, during });
    assert.equal(violations, []);
    assert.ok(refused > HELD_MS / 200 / PACE, `${refused} starts of this test were refused`);
    assert.ok(refusals > 5, `${refusals} requests of the clients were refused`);
    assert.ok(sessions > 10, `${sessions} sessions`);
  },
  { timeoutMs: 90_000 },
);

test.run();

/** Gives how many starts were refused. */
async function hold({ origin, key, database }: Scene): Promise<number> {
  const other = new DatabaseSync(database, { timeout: 5_000 });
  other.exec('begin exclusive');
  let refused = 0;
  for (const end = performance.now() + HELD_MS; performance.now() < end; await sleep(100)) {
    const start = await ask(`${origin}/api/auth/start`, key, { userId: 'late', provider: 'desktop' });
    assert.equal([start.status, start.retryAfter, start.body.error?.code], [503, '1', 'store_busy']);
    assert.is((await ask(`${origin}/health`, key)).status, 200);
    refused++;
  }
  other.exec('commit');
  other.close();
  return refused;
}

async function ask(url: string, key: string, body?: unknown) {
  const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const options = {
    headers,
    signal: AbortSignal.timeout(REPLY_MS),
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  };
  const reply = await fetch(url, options);
  return {
    status: reply.status,
    retryAfter: reply.headers.get('retry-after'),
    body: (await reply.json()) as { error?: { code: string } },
  };
}
