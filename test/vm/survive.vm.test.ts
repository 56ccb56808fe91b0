import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '#contract/session';
import { takeCensus } from '#test/census';
import { makeInternet } from '#test/internet';
import { findLeftOver } from '#test/left-over';
import { isLong, nightly } from '#test/long';
import { Oriel } from '#test/oriel';
import { PACE } from '#test/pace';
import { assert, suite } from '#test/suite';
import { openStore } from '../../controller/src/store/store.ts';

const LIMIT_MS = 120_000 * PACE;
const BACK_MS = 15_000 * PACE;
const test = suite('a virtual machine whose controller is killed', { timeoutMs: 300_000 });
const claim = nightly(test);

const oriel = new Oriel({ env: { ORIEL_DRIVER: process.env.ORIEL_TEST_VM_DRIVER ?? 'qemu' } });
let before: string[] = [];
let session: Awaited<ReturnType<Oriel['start']>>;

test.before(async () => {
  if (!isLong) return;
  makeInternet();
  before = takeCensus();
  session = await oriel.start(LIMIT_MS * 2);
});

test.after(async () => {
  if (!isLong) return;
  await oriel.interrupt();
  oriel.removeFiles();
});

claim('it goes on, by the same process, and its agent finds the next controller', async () => {
  const [row] = readRows();
  const known = await readSession();
  await oriel.end('SIGKILL');
  assert.match(readFileSync(`/proc/${row!.pid}/stat`, 'utf8'), /^\d+ \((qemu|firecracker)/);
  await oriel.startAgain();
  const [now, ...more] = readRows();
  assert.equal([now?.pid, now?.startTime, more.length], [row?.pid, row?.startTime, 0]);
  assert.is((await readSession()).status, 'vm_created');
  const until = Date.now() + BACK_MS;
  while ((await readSession()).updatedAt === known.updatedAt) {
    assert.ok(Date.now() < until, `no word of the agent within ${BACK_MS} ms`);
    await sleep(100);
  }
});

claim('with `down` it is gone', async () => {
  await oriel.interrupt();
  assert.equal(readRows(), []);
  assert.equal(await findLeftOver(before, { instance: oriel.instance, dir: oriel.dir }), []);
});

async function readSession(): Promise<Session> {
  const { origin, sessionId, viewerToken } = session;
  const reply = await fetch(`${origin}/api/auth/session/${sessionId}`, { headers: { authorization: `Bearer ${viewerToken}` } });
  return (await reply.json()) as Session;
}

function readRows() {
  const store = openStore(join(oriel.dir, 'data', 'oriel.db'), undefined, 5_000);
  try {
    return store.machines.list();
  } finally {
    store.close();
  }
}

test.run();
