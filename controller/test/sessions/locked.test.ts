import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY as token, eventually, FakeController, READY } from '../fakes/controller.ts';

/*
 * Another process (here: another connection, to SQLite the same) holds the database. It lets go by a timer of this very thread: were any
 * call to wait inside the database, the timer could not come.
 */
const test = suite('locked database');
const HELD_MS = 300;
const body = { userId: 'ann', provider: 'desktop' };

function hold(fake: FakeController): () => void {
  const other = new DatabaseSync(join(fake.dir, 'oriel.db'));
  other.exec('begin immediate');
  return () => {
    other.exec('commit');
    other.close();
  };
}

test('a start is refused with 503, store_busy and Retry-After, and leaves nothing; status is answered; afterwards all is as before', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  const release = hold(fake);
  const refused = await ask(app, 'POST /api/auth/start', { token, body, headers: { 'idempotency-key': 'one' } });
  assert.equal([refused.status, refused.body.error.code, refused.headers['retry-after']], [503, 'store_busy', '1']);
  assert.match(refused.body.error.message, new RegExp(`another process holds the database in ${fake.dir}: nothing was written`));
  assert.is((await ask(app, `GET /api/auth/session/${id}`, { token })).body.status, 'vm_created');
  assert.is((await ask(app, `POST /api/auth/session/${id}/heartbeat`, { token })).status, 204);
  assert.is(fake.sessions.size, 1);
  assert.is(fake.store.isWritable(), false);
  release();
  assert.is((await ask(app, 'POST /api/auth/start', { token, body, headers: { 'idempotency-key': 'one' } })).status, 200);
});

test('sessions on their way up wait, at each of their steps, and come up when the database is free; no limit of a phase runs out for it', async () => {
  for (const step of ['image', 'network', 'start']) {
    await using fake = new FakeController({ ORIEL_NETWORK_TIMEOUT_SECONDS: '0.2', ORIEL_MACHINE_TIMEOUT_SECONDS: '0.2' });
    fake.machinery.hanging.add(step);
    const id = fake.start();
    await eventually(() => fake.machinery.calls.some((call) => call.split(' ')[0] === step));
    const release = hold(fake);
    fake.machinery.release();
    await sleep(HELD_MS);
    assert.ok(['pending', 'vm_creating'].includes(fake.sessions.read(id).status), step);
    release();
    await fake.hello(id);
    fake.sessions.report(fake.sessions.live(id).machine, READY);
    const session = await fake.until(id, 'vm_created');
    assert.ok(session.phases.length === 4 && session.phases.every(({ ms }) => ms !== undefined), step);
    assert.is(fake.store.machines.list()[0]?.pid, 4242, step);
  }
});

test('what a guest reports meanwhile is refused, and taken when it tells it again', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const release = hold(fake);
  const status = { ...READY, marks: { terminal: 900 } };
  assert.throws(
    () => fake.sessions.report(fake.sessions.live(id).machine, status),
    (error: { code?: string }) => error.code === 'store_busy',
  );
  release();
  fake.sessions.report(fake.sessions.live(id).machine, status);
  assert.equal(fake.sessions.read(id).marks, { terminal: 900 });
});

test('sessions are ended meanwhile, on request and by the clock; their machines go at once, all of it is written down afterwards', async () => {
  await using fake = new FakeController({ ORIEL_HEARTBEAT_TIMEOUT_SECONDS: '0.5' });
  const app = await fake.app();
  const [asked, unwatched] = [await fake.startReady('ann'), await fake.startReady('bob')];
  fake.machinery.console = 'last words\n';
  const release = hold(fake);
  const { status } = await ask(app, `DELETE /api/auth/session/${asked}`, { token });
  assert.is(status, 204);
  await fake.until(unwatched, 'expired');
  await eventually(() => fake.sessions.size === 0);
  assert.is(fake.machinery.calls.filter((call) => call.startsWith('remove m-')).length, 2);
  assert.equal(
    [asked, unwatched].map((id) => fake.store.sessions.read(id)?.status),
    ['vm_created', 'vm_created'],
  );
  assert.is(fake.store.machines.list().length, 2);

  release();
  fake.store.later.flush();
  assert.equal(
    [asked, unwatched].map((id) => fake.store.sessions.read(id)?.reason?.code),
    ['stopped_by_request', 'heartbeat_lost'],
  );
  assert.equal(fake.store.machines.list(), []);
  assert.is(fake.store.sessions.readConsole(asked), 'last words\n');
  assert.ok(
    fake.store.audit.list(asked).some(({ action }) => action === 'stop'),
    'the audit has it, too',
  );
});

test('a slot whose machine is gone, but not its row, is given again', async () => {
  await using fake = new FakeController({ ORIEL_MAX_SESSIONS: '1' });
  const id = await fake.startReady();
  const release = hold(fake);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  release();
  await fake.startReady('bob');
});

for (const [what, errcode, code] of [
  ['full', 13, 'store_full'],
  ['shared memory that cannot grow', 4874, 'store_full'],
  ['a disk that fails', 10, 'store_failed'],
  ['read-only', 8, 'store_failed'],
  ['damaged under us', 11, 'store_failed'],
] as const) {
  test(`${what}: every call has an answer that names the directory, none is a 500`, async () => {
    await using fake = new FakeController();
    const app = await fake.app();
    const id = await fake.startReady();
    const { prepare } = DatabaseSync.prototype;
    const restore = breakDatabase(Object.assign(new Error(what), { code: 'ERR_SQLITE_ERROR', errcode }));
    try {
      for (const line of ['POST /api/auth/start', `GET /api/auth/session/${id}`, `GET /api/auth/session/${id}/services`]) {
        const reply = await ask(app, line, { token, ...(line.startsWith('POST') && { body }) });
        assert.equal([line, reply.status, reply.body.error.code], [line, 503, code]);
        assert.ok(reply.body.error.message.includes(fake.dir), reply.body.error.message);
        assert.ok(Number(reply.headers['retry-after']) > 0);
      }
      assert.is((await ask(app, `DELETE /api/auth/session/${id}`, { token })).status, 204, 'what runs can be ended');
      assert.ok(fake.machinery.calls.some((call) => call.startsWith('remove m-')));
    } finally {
      restore();
    }
    assert.is(DatabaseSync.prototype.prepare, prepare);
    fake.store.later.flush();
    assert.is(fake.store.sessions.read(id)?.status, 'stopped');
  });
}

test.run();

/** Every statement of every database fails from now on; gives the end of it. */
function breakDatabase(error: Error): () => void {
  const statement = Object.getPrototypeOf(new DatabaseSync(':memory:').prepare('select 1')) as Record<string, unknown>;
  const { run, get, all } = statement;
  const { exec } = DatabaseSync.prototype;
  const broken = () => {
    throw error;
  };
  Object.assign(statement, { run: broken, get: broken, all: broken });
  DatabaseSync.prototype.exec = broken;
  return () => {
    Object.assign(statement, { run, get, all });
    DatabaseSync.prototype.exec = exec;
  };
}
