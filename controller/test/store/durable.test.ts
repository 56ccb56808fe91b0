import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { isLong } from '#test/long';
import { suite, assert } from '#test/suite';
import { openStore } from '../../src/store/store.ts';

const test = suite('what was acknowledged', { timeoutMs: 55_000 });
const CHILD = join(import.meta.dirname, 'durable-child.ts');
const KILLS = isLong ? 54 : 9;
const LANES = 3;

test(`${KILLS} writers that are killed at random instants lose nothing of what they said was written`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-durable-'));
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const path = join(dir, `${lane}.db`);
    const said: string[] = [];
    for (let run = 0; run < KILLS / LANES; run++) said.push(...(await writeUntilKilled(path, `${lane}-${run}`, Math.random() * 40)));
    return { lost: findLost(path, said), count: said.length };
  });
  const results = await Promise.all(lanes);
  assert.equal(
    results.map(({ lost }) => lost),
    results.map(() => []),
  );
  assert.ok(results.every(({ count }) => count >= KILLS / LANES));
  rmSync(dir, { recursive: true });
});

test('one that speaks before it writes is found out', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-durable-'));
  const path = join(dir, 'early.db');
  const said = await writeUntilKilled(path, 'early', 0, 'early');
  assert.equal(findLost(path, said), [said.at(-1)]);
  rmSync(dir, { recursive: true });
});

test('a session’s end is synced to the disk before it returns; what is only of its machine is not', () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-durable-'));
  const store = openStore(join(dir, 'oriel.db'));
  const at = new Date().toISOString();
  const session = {
    id: 's',
    owner: 'product',
    userId: 'ann',
    provider: 'desktop',
    display: { width: 1, height: 1 },
    idempotencyKey: undefined,
    at,
  };
  const synced = ['pragma synchronous = full', 'pragma synchronous = normal'];
  store.sessions.insert(session);
  assert.equal(
    pragmasOf(() => store.sessions.startPhase('s', 'network', at)),
    [],
  );
  assert.equal(
    pragmasOf(() => store.sessions.move('s', { to: 'vm_creating', at, who: 'test' })),
    [],
  );
  assert.equal(
    pragmasOf(() => store.sessions.move('s', { to: 'stopped', at, who: 'test' })),
    synced,
  );
  store.close();
  rmSync(dir, { recursive: true });
});

test.run();

/** The ids that a writer told before it was killed, `afterMs` after its first. */
async function writeUntilKilled(path: string, run: string, afterMs: number, mode = 'honest'): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', CHILD, path, run, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Most of a writer's life is its start.
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(path), 'compiled') },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const ended = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), ended]);
  await sleep(afterMs);
  child.kill('SIGKILL');
  await ended;
  // A line that was cut was not told.
  return said.split('\n').slice(0, -1);
}

function findLost(path: string, said: readonly string[]): string[] {
  const store = openStore(path);
  const lost = said.filter((id) => store.sessions.read(id)?.status !== 'vm_creating');
  store.close();
  return lost;
}

/** What is asked of every database meanwhile about syncing. */
function pragmasOf(act: () => void): string[] {
  const pragmas: string[] = [];
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (text) {
    if (text.startsWith('pragma synchronous')) pragmas.push(text);
    return exec.call(this, text);
  };
  act();
  DatabaseSync.prototype.exec = exec;
  return pragmas;
}
