import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite, assert } from '#test/suite';
import { ask } from '../fakes/ask.ts';
import { API_KEY, eventually, FakeController } from '../fakes/controller.ts';
import { countLines, openConsole, parseEvents, toLines } from '../fakes/console-reader.ts';

const test = suite('console routes');
const token = API_KEY;

test('the console is readable while the machine lives and after', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  fake.machinery.say('init: hello');
  assert.equal((await ask(app, `GET /api/auth/session/${id}/console`, { token })).body, { lines: ['init: hello'] });
  await ask(app, `DELETE /api/auth/session/${id}`, { token });
  assert.equal((await ask(app, `GET /api/auth/session/${id}/console`, { token })).body, { lines: ['init: hello'] });
});

test('a follower gets what is there, what comes, the last words, and the end', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  fake.machinery.say('early');
  setTimeout(() => fake.machinery.say('two\rlines in one, "quoted", ünïcode, and\u2028all'), 10);
  setTimeout(() => void fake.sessions.stop(id, 'test', { code: 'x', message: 'enough' }), 100);
  const reply = await ask(app, `GET /api/auth/session/${id}/console/events`, { token });
  assert.match(reply.headers['content-type']!, /^text\/event-stream/);
  assert.is(reply.headers['cache-control'], 'no-store');
  const events = parseEvents(reply.body);
  assert.equal(toLines(events), ['early', 'two\rlines in one, "quoted", ünïcode, and\u2028all']);
  assert.equal(events.at(-1), { event: 'end', data: { status: 'stopped', reason: { code: 'x', message: 'enough' } } });
});

test('what a machine says while it is taken down is told, too', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  fake.machinery.hanging.add('remove');
  const following = ask(app, `GET /api/auth/session/${id}/console/events`, { token });
  const stopping = fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  await eventually(() => fake.machinery.calls.some((call) => call.startsWith('remove')));
  fake.machinery.say('a last word');
  fake.machinery.release();
  await stopping;
  assert.equal(toLines(parseEvents((await following).body)), ['a last word']);
});

test('`tail` is how many of the lines that are there come first, also of a session that is over', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  for (const line of ['one', 'two', 'three']) fake.machinery.say(line);
  const read = async (query: string) =>
    toLines(parseEvents((await ask(app, `GET /api/auth/session/${id}/console/events${query}`, { token })).body));
  const following = Promise.all(['', '?tail=2', '?tail=0'].map(read));
  await sleep(20);
  fake.machinery.say('four');
  await sleep(100);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  assert.equal(await following, [['one', 'two', 'three', 'four'], ['two', 'three', 'four'], ['four']]);
  assert.equal(await Promise.all(['', '?tail=2', '?tail=0'].map(read)), [['one', 'two', 'three', 'four'], ['three', 'four'], []]);
});

test('a reader that was cut off goes on where it was; one with an id from elsewhere gets what is kept', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  for (const line of ['one', 'two']) fake.machinery.say(line);
  const first = await openConsole(app, id, token);
  const lastId = (await first.until(({ length }) => length > 0))[0]!.id!;
  first.leave();
  for (const line of ['three', 'four']) fake.machinery.say(line);
  const path = `GET /api/auth/session/${id}/console/events?tail=1`;
  const ids = [lastId, 'elsewhere-1', lastId.replace(/-.*/, '-99')];
  const following = ids.map((one) => ask(app, path, { token, headers: { 'last-event-id': one } }));
  await sleep(100);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  const all = ['one', 'two', 'three', 'four'];
  assert.equal(await Promise.all(following.map(async (one) => toLines(parseEvents((await one).body)))), [['three', 'four'], all, all]);
  const after = await ask(app, path, { token, headers: { 'last-event-id': lastId } });
  assert.equal(toLines(parseEvents(after.body)), all, 'with the machine went the numbers');
  await app.close();
});

test('a reader that reads nothing makes nothing grow: it is told what it has lost', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`GET /api/auth/session/${id}/console/events HTTP/1.0\r\nauthorization: Bearer ${token}\r\n\r\n`);
  await once(socket, 'readable');
  const line = 'x'.repeat(1_000);
  for (let turn = 0; turn < 200; turn++, await sleep(1)) for (let count = 0; count < 100; count++) fake.machinery.say(line);
  await fake.sessions.stop(id, 'test', { code: 'x', message: 'x' });
  let text = '';
  for await (const chunk of socket.setEncoding('utf8')) text += chunk as string;
  const { got, dropped } = countLines(parseEvents(text.slice(text.indexOf('\r\n\r\n') + 4)));
  assert.is(got + dropped, 20_000);
  assert.ok(dropped > 10_000, `${dropped} dropped`);
  await app.close();
});

test('a quiet console answers at once', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = await fake.startReady();
  const reader = await openConsole(app, id, token);
  assert.is(reader.response.status, 200);
  reader.leave();
  await app.close();
});

test('bad input is refused by name', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const id = fake.start();
  for (const [query, headers, path] of [
    ['?tail=-1', {}, 'querystring/tail'],
    ['?tail=501', {}, 'querystring/tail'],
    ['?tail=1.5', {}, 'querystring/tail'],
    ['?tail=all', {}, 'querystring/tail'],
    ['?follow=1', {}, 'querystring/follow'],
    ['', { 'last-event-id': '17' }, 'headers/last-event-id'],
    ['', { 'last-event-id': `abc-${'9'.repeat(16)}` }, 'headers/last-event-id'],
  ] as const) {
    const reply = await ask(app, `GET /api/auth/session/${id}/console/events${query}`, { token, headers });
    assert.equal([reply.status, reply.body.error.code, reply.body.error.fields[0].path], [400, 'invalid_request', path], query);
  }
});

test('one session’s followers are limited, another’s are not', async () => {
  await using fake = new FakeController();
  const app = await fake.app();
  const [id, other] = [await fake.startReady(), await fake.startReady()];
  for (const one of [id, other]) await fake.sessions.stop(one, 'test', { code: 'x', message: 'x' });
  // All at once: one after the other they are a burst on a fast machine only.
  const replies = await Promise.all(Array.from({ length: 150 }, () => ask(app, `GET /api/auth/session/${id}/console/events`, { token })));
  assert.ok(replies.some(({ status }) => status === 429));
  assert.is((await ask(app, `GET /api/auth/session/${other}/console/events`, { token })).status, 200);
});

test.run();
