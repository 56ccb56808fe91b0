import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEvent } from '#contract/event';
import { assert, suite } from '#test/suite';
import { EventFeed } from '../../src/events/feed.ts';
import { createEventTable } from '../../src/store/events.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createSessionTable } from '../../src/store/sessions.ts';
import { Sql } from '../../src/store/sql.ts';
import { EventLines } from '../../client/event-lines.ts';
import { ask } from '../fakes/ask.ts';
import { API_KEY, eventually, FakeController } from '../fakes/controller.ts';

const test = suite('events', { timeoutMs: 40_000 });

const SESSION = { owner: 'product', userId: 'ann', provider: 'desktop', display: { width: 1, height: 1 }, idempotencyKey: undefined };
const idOf = (index: number) => `s-${index.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(20, 'a')}`;

/** Reads the stream of a controller that listens, until it is told to stop; a stream that ends is opened again after its last event. */
async function follow(url: string, seen: SessionEvent[], signal: AbortSignal, lastId?: string): Promise<void> {
  const headers = { authorization: `Bearer ${API_KEY}`, ...(lastId !== undefined && { 'last-event-id': lastId }) };
  const response = await fetch(`${url}/api/events`, { headers, signal });
  const lines = new EventLines();
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    for (const event of lines.take(text)) {
      assert.is(event.name, 'transition');
      const data = JSON.parse(event.data) as SessionEvent;
      assert.is(event.id, String(data.id));
      seen.push(data);
    }
  }
}

test('a session tells of each of its transitions, the first one too, with who and why', async () => {
  await using fake = new FakeController();
  const gone = new AbortController();
  const events = fake.feed.follow(undefined, gone.signal);
  const id = await fake.startReady();
  await fake.sessions.stop(id, 'key:test', { code: 'stopped_by_request', message: 'it was ended on request' });
  const seen: SessionEvent[] = [];
  for await (const event of events) {
    if (event) seen.push(event);
    if (seen.length === 4) gone.abort();
  }
  assert.equal(
    seen.map(({ from, to, who }) => [from, to, who]),
    [
      [undefined, 'pending', 'api'],
      ['pending', 'vm_creating', 'controller'],
      ['vm_creating', 'vm_created', 'controller'],
      ['vm_created', 'stopped', 'key:test'],
    ],
  );
  assert.equal(seen[3]!.reason, { code: 'stopped_by_request', message: 'it was ended on request' });
  assert.equal([seen[3]!.userId, seen[3]!.sessionId], ['ann', id]);
});

test('under load, and with connections that break again and again, none is left out and none comes twice', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const steady: SessionEvent[] = [];
  const broken: SessionEvent[] = [];
  const end = new AbortController();
  const following = follow(url, steady, end.signal, '0').catch(() => undefined);
  let breaks = 0;
  const breaking = (async () => {
    while (!end.signal.aborted) {
      const cut = new AbortController();
      const reading = follow(url, broken, AbortSignal.any([cut.signal, end.signal]), String(broken.at(-1)?.id ?? 0)).catch(() => undefined);
      await sleep(5 + (breaks % 7) * 3);
      cut.abort();
      await reading;
      breaks += 1;
    }
  })();
  const sessions = 300;
  for (let index = 0; index < sessions; index++) {
    const id = idOf(index);
    fake.store.sessions.insert({ ...SESSION, id, at: new Date().toISOString() });
    fake.feed.changed.ring();
    await sleep(index % 10 === 0 ? 5 : 0);
    fake.store.sessions.move(id, { to: 'vm_creating', at: new Date().toISOString(), who: 'test' });
    fake.feed.changed.ring();
  }
  const wanted = Array.from({ length: 2 * sessions }, (_, index) => index + 1);
  await eventually(() => steady.at(-1)?.id === wanted.length && broken.at(-1)?.id === wanted.length);
  end.abort();
  await Promise.all([following, breaking]);
  await app.close();
  const ids = (events: SessionEvent[]) => events.map(({ id }) => id);
  assert.equal(ids(steady), wanted);
  assert.equal(ids(broken), wanted);
  assert.ok(breaks > 10, `it broke ${breaks} times`);
});

test('without an id it is from now on, and an id that was never given out is no error', async () => {
  await using fake = new FakeController();
  fake.store.sessions.insert({ ...SESSION, id: idOf(1), at: new Date().toISOString() });
  for (const after of [undefined, 1_000_000]) {
    const gone = new AbortController();
    const events = new EventFeed(fake.store.events).follow(after, gone.signal);
    const id = idOf(after ? 3 : 2);
    fake.store.sessions.insert({ ...SESSION, id, at: new Date().toISOString() });
    assert.is((await events.next()).value?.sessionId, id);
    gone.abort();
  }
});

test('a number is not used again when the session of the last event is removed', () => {
  const sql = new Sql(new DatabaseSync(':memory:'));
  migrate(sql);
  sql.script('pragma foreign_keys = on');
  const sessions = createSessionTable(sql);
  const events = createEventTable(sql);
  sessions.insert({ ...SESSION, id: idOf(1), at: new Date().toISOString() });
  sql.run('delete from sessions where id = $1', idOf(1));
  assert.equal([events.last(), events.after(0, 10)], [1, []]);
  sessions.insert({ ...SESSION, id: idOf(2), at: new Date().toISOString() });
  assert.equal(
    events.after(1, 10).map(({ id }) => id),
    [2],
  );
});

test('events, sessions and host are for API keys only', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  const viewer = await fake.viewerToken(id);
  for (const path of ['/api/events', '/api/sessions', '/api/host']) {
    assert.is((await ask(app, `GET ${path}`)).status, 401);
    assert.is((await ask(app, `GET ${path}`, { token: viewer })).body.error.code, 'key_needed');
  }
  assert.is((await ask(app, 'GET /api/host', { token: API_KEY })).body.driver.name, 'container');
  const bad = await ask(app, 'GET /api/events', { token: API_KEY, headers: { 'last-event-id': 'x' } });
  assert.is(bad.status, 400);
});

test('the list has open sessions, or all, the newest first, and says up to which event', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const first = await fake.startReady();
  await fake.sessions.stop(first, 'test', { code: 'c', message: 'm' });
  await sleep(2);
  const second = await fake.startReady();
  const open = (await ask(app, 'GET /api/sessions', { token: API_KEY })).body;
  assert.equal(
    open.sessions.map(({ sessionId }: { sessionId: string }) => sessionId),
    [second],
  );
  assert.is(open.lastEventId, fake.store.events.last());
  const all = (await ask(app, 'GET /api/sessions?status=all', { token: API_KEY })).body;
  assert.equal(
    all.sessions.map(({ sessionId }: { sessionId: string }) => sessionId),
    [second, first],
  );
  assert.is((await ask(app, 'GET /api/sessions?status=all&limit=1', { token: API_KEY })).body.sessions.length, 1);
  assert.is((await ask(app, 'GET /api/sessions?status=none', { token: API_KEY })).status, 400);
});

test('a heartbeat may say how the picture is: the last of it is in the record, and a page cannot speak for many', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  const token = await fake.viewerToken(id);
  const beat = (body?: unknown) => ask(app, `POST /api/auth/session/${id}/heartbeat`, { token, body });
  assert.is((await beat()).status, 204);
  assert.is(fake.sessions.read(id).quality, undefined);
  assert.is((await beat({ quality: { path: 'webrtc', fps: 30 } })).status, 204);
  assert.is((await beat({ quality: { path: 'webrtc', fps: 60 } })).status, 204);
  assert.is(fake.sessions.read(id).quality?.viewer?.fps, 30);
  assert.match((await fake.metrics.render()).text, /^oriel_viewer_fps_count 1$/m);
  for (const quality of [{ path: 'pigeon' }, { path: 'vnc', fps: -1 }, { path: 'vnc', mood: 1 }])
    assert.is((await beat({ quality })).body.error.code, 'invalid_request');
});

test('what the guest encodes is in the record, and a report that says nothing new of services is not written down', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  const before = fake.sessions.read(id);
  const { status } = fake.sessions.live(id);
  fake.sessions.report(fake.sessions.live(id).machine, { ...status, stream: { encoder: 'capture', fps: 60, kbps: 4000, keyFrames: 1 } });
  const after = fake.sessions.read(id);
  assert.is(after.quality?.guest?.fps, 60);
  assert.is(after.updatedAt, before.updatedAt);
  fake.sessions.report(fake.sessions.live(id).machine, { ...status, marks: { ...status.marks, terminal: 1 } });
  assert.is(fake.sessions.read(id).marks['terminal'], 1);
});

test.run();
