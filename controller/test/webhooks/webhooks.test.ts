import { spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';
import { assert, suite } from '#test/suite';
import { poster } from '../../src/webhooks/post.ts';
import { parseSecrets, WebhookSecretInvalid } from '../../src/webhooks/secret.ts';
import { Webhooks } from '../../src/webhooks/webhooks.ts';
import { eventually, FakeController, log } from '../fakes/controller.ts';

const test = suite('webhooks', { timeoutMs: 30_000 });

const KEY = Buffer.alloc(32, 7).toString('base64');
const SECOND_KEY = Buffer.alloc(32, 8).toString('base64');

interface Got {
  headers: IncomingHttpHeaders;
  body: string;
}

/** Something that is told: a real server, which answers as a test wants. */
class Target implements AsyncDisposable {
  readonly got: Got[] = [];
  readonly #server: Server;
  answer: (reply: ServerResponse, got: Got) => unknown = (reply) => reply.writeHead(204).end();

  constructor() {
    this.#server = createServer((request, reply) => {
      void text(request).then((body) => {
        const got = { headers: request.headers, body };
        this.got.push(got);
        this.answer(reply, got);
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  /** Ids of the events that it was told of and took, in order. */
  get ids(): string[] {
    return this.got.map(({ headers }) => String(headers['webhook-id']));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function start(fake: FakeController, urls: string[], { giveUpMs = 60_000, limitMs = 2000, keys = [KEY], drainMs = 0 } = {}): Webhooks {
  const webhooks = new Webhooks({
    urls,
    table: fake.store.deliveries,
    feed: fake.feed,
    post: poster(keys, limitMs),
    meter: fake.metrics.webhooks,
    log,
    giveUpMs,
    pauses: { minTimeout: 10, maxTimeout: 40 },
    drainMs,
  });
  webhooks.start();
  return webhooks;
}

const pending = (fake: FakeController, url: string) => fake.store.deliveries.backlog(url).pending;
const count = async (fake: FakeController, result: string) =>
  Number(new RegExp(`oriel_webhook_deliveries_total\\{[^}]*result="${result}"\\} (\\d+)`).exec((await fake.metrics.render()).text)?.[1]);

test('each transition is told, signed so that the library of receivers takes it, and what has another body is not', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const webhooks = start(fake, [await target.listen()], { keys: [KEY, SECOND_KEY] });
  const id = await fake.startReady();
  await fake.sessions.stop(id, 'test', { code: 'stopped_by_request', message: 'm' });
  await eventually(() => target.got.length === 4);
  await webhooks.stop();
  for (const key of [KEY, SECOND_KEY])
    for (const { headers, body } of target.got) {
      const verified = new Webhook(key).verify(body, headers as Record<string, string>) as { data: { sessionId: string } };
      assert.is(verified.data.sessionId, id);
      assert.throws(() => new Webhook(key).verify(body.replace('ann', 'eve'), headers as Record<string, string>));
    }
  assert.throws(() => new Webhook(Buffer.alloc(32, 9).toString('base64')).verify(target.got[0]!.body, target.got[0]!.headers as never));
  const types = target.got.map(({ body }) => JSON.parse(body).type).sort();
  assert.equal(types, ['session.pending', 'session.stopped', 'session.vm_created', 'session.vm_creating']);
  assert.is(new Set(target.ids).size, 4);
});

test('what is not taken is tried again with the same id until it is, also 408 and 429', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  const answers = [500, 408, 429, 503];
  target.answer = (reply) => reply.writeHead(answers.shift() ?? 204).end();
  const webhooks = start(fake, [url]);
  fake.start();
  await eventually(() => pending(fake, url) === 0 && target.got.length >= 6);
  await webhooks.stop();
  assert.is(new Set(target.ids).size, 2, 'two events: pending and vm_creating');
  assert.is(await count(fake, 'failed'), 4);
  assert.is(await count(fake, 'delivered'), 2);
});

test('a refusal is final, and so is a redirect, which is not followed', async () => {
  for (const status of [400, 410, 302, 307]) {
    await using fake = new FakeController();
    await using target = new Target();
    await using elsewhere = new Target();
    const [url, other] = [await target.listen(), await elsewhere.listen()];
    target.answer = (reply) => reply.writeHead(status, { location: other }).end();
    const webhooks = start(fake, [url]);
    fake.start();
    await eventually(() => target.got.length === 2 && pending(fake, url) === 0);
    await sleep(60);
    await webhooks.stop();
    assert.equal([target.got.length, elsewhere.got.length], [2, 0]);
    assert.is(await count(fake, 'refused'), 2);
  }
});

test('one event that its receiver cannot take does not hold up the others', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  target.answer = (reply, { body }) => reply.writeHead(body.includes('session.pending') ? 500 : 204).end();
  const webhooks = start(fake, [url]);
  await fake.startReady();
  await eventually(() => target.got.filter(({ body }) => body.includes('session.vm_created')).length === 1);
  await eventually(() => pending(fake, url) === 1);
  await webhooks.stop();
});

test('an event that is owed for too long is given up, and counted', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  target.answer = (reply) => reply.writeHead(500).end();
  const webhooks = start(fake, [url], { giveUpMs: 150 });
  fake.start();
  await eventually(() => target.got.length > 4 && pending(fake, url) === 0);
  await webhooks.stop();
  assert.is(await count(fake, 'given_up'), 2);
  assert.is(await count(fake, 'delivered'), 0);
});

test('through kills at any moment every event is told, and each has one id', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  let answers = 0;
  // Some it does not take, some it answers late: a kill finds deliveries in each state.
  target.answer = (reply) => void setTimeout(() => reply.writeHead(++answers % 5 === 0 ? 500 : 204).end(), answers % 20);
  for (let kill = 0; kill < 5; kill++) {
    const before = target.got.length;
    const script = fileURLToPath(new URL('doomed.ts', import.meta.url));
    const args = ['--disable-warning=ExperimentalWarning', script, join(fake.dir, 'oriel.db'), url, KEY, String(kill * 100_000)];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await eventually(() => target.got.length > before + 20 + kill * 7);
    child.kill('SIGKILL');
    await ended;
  }
  const next = start(fake, [url]);
  await eventually(() => pending(fake, url) === 0 && new Set(target.ids).size === fake.store.events.last());
  await next.stop();
  const told = target.got.map(({ body }) => (JSON.parse(body) as { data: { id: number } }).data.id);
  const all = Array.from({ length: fake.store.events.last() }, (_, index) => index + 1);
  assert.equal(
    [...new Set(told)].sort((a, b) => a - b),
    all,
  );
  assert.ok(all.length > 100, `${all.length} events`);
  assert.is(new Set(target.ids).size, all.length);
});

test('what was owed when the controller was killed is told by the next one: at least once, with the same ids', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  target.answer = () => undefined;
  // Never stopped in order: what a kill leaves is what is in the database.
  const killed = start(fake, [url], { limitMs: 60_000 });
  const id = await fake.startReady();
  await eventually(() => target.got.length === 3);
  const told = new Set(target.ids);
  await killed.stop();
  assert.is(pending(fake, url), 3);
  await fake.sessions.stop(id, 'test', { code: 'c', message: 'm' });
  target.got.length = 0;
  target.answer = (reply) => reply.writeHead(200).end();
  const next = start(fake, [url]);
  await eventually(() => pending(fake, url) === 0 && target.got.length === 4);
  await next.stop();
  assert.ok([...told].every((one) => target.ids.includes(one)));
});

test('what happens at the very end is told, where the receiver is quick', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  const webhooks = start(fake, [url], { drainMs: 5_000 });
  await fake.startReady();
  await fake.sessions.close();
  await webhooks.stop();
  assert.equal([target.got.length, pending(fake, url)], [4, 0]);
});

test('a receiver that never answers slows no session down', async () => {
  await using fake = new FakeController({ ORIEL_MAX_SESSIONS: '50' });
  await using target = new Target();
  const url = await target.listen();
  target.answer = () => undefined;
  const webhooks = start(fake, [url], { limitMs: 60_000 });
  const ids = await Promise.all(Array.from({ length: 30 }, (_, index) => fake.startReady(`user${index}`)));
  assert.is(ids.length, 30);
  assert.is(pending(fake, url), 90);
  assert.ok(target.got.length <= 8, `${target.got.length} asked at once`);
  await webhooks.stop();
});

test('a new receiver is told nothing of before, and one that is taken away is owed nothing', async () => {
  await using fake = new FakeController();
  await using target = new Target();
  const url = await target.listen();
  await fake.startReady();
  const webhooks = start(fake, [url]);
  await sleep(50);
  assert.is(target.got.length, 0);
  target.answer = (reply) => reply.writeHead(500).end();
  fake.start('bob');
  await eventually(() => target.got.length > 1);
  await eventually(() => pending(fake, url) === 2);
  await webhooks.stop();
  await start(fake, []).stop();
  assert.is(pending(fake, url), 0);
});

test('a secret file is a key a line; what is wrong with it is said without what is in it', () => {
  assert.equal(parseSecrets(`whsec_${KEY}\n${SECOND_KEY}\n\n`, 'f'), [KEY, SECOND_KEY]);
  const long = Buffer.alloc(100, 3).toString('base64');
  for (const [wrong, secret] of [
    ['', undefined],
    ['short', undefined],
    [`${KEY}\n*****`, KEY],
    ['whsec_', undefined],
    [long, long],
  ] as const) {
    try {
      parseSecrets(wrong, 'f');
      assert.unreachable(`taken: ${wrong}`);
    } catch (error) {
      assert.instance(error, WebhookSecretInvalid);
      assert.match((error as Error).message, /openssl rand/);
      if (secret) assert.not.ok((error as Error).message.includes(secret));
    }
  }
});

test.run();
