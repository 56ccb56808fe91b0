import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { suite, assert } from '#test/suite';
import { PROTOCOL_VERSION } from '#contract/protocol';
import { buildGuestApp } from '../src/guest-app.ts';
import { Gate } from '../src/sessions/gate.ts';
import { eventually, FakeController, log, READY, VNC_SECRET } from './fakes/controller.ts';

const test = suite('guest app');

const SDP = [
  'v=0',
  's=-',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=ice-ufrag:abcd',
  'a=candidate:1 1 udp 2130706431 192.168.100.2 20001 typ host',
  '',
].join('\r\n');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A guest endpoint for each session, on loopback; `call(i, …)` comes in on the listener of session i's slot. */
async function setUp(fake: FakeController, sessions: number, requestsPerSecond?: number) {
  const app = await buildGuestApp({
    sessions: fake.sessions,
    signIns: fake.signIns,
    publicAddresses: ['203.0.113.7'],
    metrics: fake.metrics,
    log,
    ...(requestsPerSecond && { requestsPerSecond }),
  });
  const ids = Array.from({ length: sessions }, (_, i) => fake.start(`user${i}`));
  for (const id of ids) await eventually(() => fake.sessions.read(id).phases.some(({ name }) => name === 'boot'));
  const ports = await Promise.all(ids.map(freePort));
  const closes = await Promise.all(ids.map((id, i) => app.listen(fake.sessions.live(id).slot, { host: '127.0.0.1', port: ports[i]! })));
  const call = async (listener: number, line: string, token: string, body?: unknown) => {
    const [method, path] = line.split(' ') as [string, string];
    const response = await fetch(`http://127.0.0.1:${ports[listener]}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, body: isJson ? JSON.parse(text) : undefined, text };
  };
  const hello = (i: number) => {
    const { token, machineId } = fake.configOf(ids[i]!);
    return { token, body: { protocol: PROTOCOL_VERSION, machineId, vncSecret: VNC_SECRET } };
  };
  return { ids, ports, call, hello, close: () => Promise.all(closes.map((close) => close())) };
}

test('a guest says hello, fetches an offer, answers; the viewer’s answer is rewritten', async () => {
  await using fake = new FakeController();
  const { ids, call, hello, close } = await setUp(fake, 1);
  const { token, body } = hello(0);
  const swapped = await call(0, 'POST /guest/hello', token, body);
  assert.is(swapped.status, 200);
  const { secret } = swapped.body;
  assert.is((await call(0, 'POST /guest/status', secret, READY)).status, 204);
  await fake.until(ids[0]!, 'vm_created');

  const { mailbox } = fake.sessions.live(ids[0]!);
  const wait = call(0, 'GET /guest/signals?after=0&wait=20', secret);
  setTimeout(() => mailbox.postOffer('p-ann', { offer: { type: 'offer', sdp: SDP }, offerId: 'o1' }), 10);
  const signals = await wait;
  assert.equal([signals.body.signals[0].kind, signals.body.signals[0].offerId], ['offer', 'o1']);
  const { wait: next, ...nothing } = (await call(0, `GET /guest/signals?after=${signals.body.cursor}`, secret)).body;
  assert.equal(nothing, { cursor: signals.body.cursor, signals: [] });
  assert.is((await call(0, `GET /guest/signals?after=0&wait=${next}`, secret)).status, 200, 'what it is told to wait it may');
  assert.is((await call(0, 'GET /guest/signals?after=0&wait=301', secret)).status, 400);

  const answer = { peerId: 'p-ann', offerId: 'o1', answer: { type: 'answer', sdp: SDP }, candidates: [] };
  assert.is((await call(0, 'POST /guest/answer', secret, answer)).status, 204);
  const sdp = mailbox.answer('p-ann')!.answer.sdp;
  assert.match(sdp, /100\.96\.0\.2 20001/);
  assert.match(sdp, /203\.0\.113\.7 20001/);
  assert.not.match(sdp, /192\.168\.100\.2/);

  const candidates = [
    { candidate: 'candidate:1 1 udp 1 192.168.100.2 20002 typ host' },
    { candidate: 'candidate:1 1 udp 1 10.0.0.1 20002 typ host' },
  ];
  assert.is((await call(0, 'POST /guest/candidates', secret, { peerId: 'p-ann', offerId: 'o1', candidates })).status, 204);
  assert.is(mailbox.takeCandidates('p-ann')?.candidates.length, 2);
  assert.is((await call(0, 'POST /guest/answer', secret, { ...answer, offerId: 'stale' })).status, 204);
  assert.is((await call(0, 'POST /guest/answer', secret, { ...answer, answer: { type: 'answer', sdp: 'x' } })).status, 400);
  assert.is((await call(0, 'POST /guest/refusal', secret, { peerId: 'p-ann', offerId: 'o1', reason: 'no video' })).status, 204);
  assert.throws(() => mailbox.answer('p-ann'), /no video/);
  assert.is((await call(0, 'POST /guest/refusal', secret, { peerId: 'p-ann', offerId: 'o1' })).status, 400);
  await close();
});

test('a token is good once, and only on the listener of its own clone', async () => {
  await using fake = new FakeController();
  const { call, hello, close } = await setUp(fake, 2);
  const { token, body } = hello(0);
  assert.is((await call(1, 'POST /guest/hello', token, body)).status, 401);
  assert.is((await call(0, 'POST /guest/hello', 'wrong', body)).status, 401);
  assert.is((await call(0, 'POST /guest/hello', token, { ...body, extra: 1 })).status, 400);
  const { secret } = (await call(0, 'POST /guest/hello', token, body)).body;
  for (const [listener, credential, status] of [
    [0, secret, 200],
    [1, secret, 401],
    [0, token, 401],
    [0, '', 401],
  ] as const) {
    assert.is((await call(listener, 'GET /guest/signals?after=0', credential)).status, status);
  }
  const again = await call(0, 'POST /guest/hello', token, body);
  assert.equal([again.status, again.body.error.code], [401, 'guest_token_used']);
  await close();
});

test('a guest’s wait ends with its session, whose listener then knows it no more', async () => {
  await using fake = new FakeController();
  const { ids, call, hello, close } = await setUp(fake, 1);
  const { token, body } = hello(0);
  const { secret } = (await call(0, 'POST /guest/hello', token, body)).body;
  const wait = call(0, 'GET /guest/signals?after=0&wait=20', secret);
  await eventually(() => fake.sessions.live(ids[0]!).machine.isHeard);
  void fake.sessions.stop(ids[0]!, 'test', { code: 'x', message: 'x' });
  assert.equal((await wait).body.signals, []);
  assert.is((await call(0, 'GET /guest/signals?after=0', secret)).status, 401);
  await close();
});

test('a guest is limited to so many requests a second, and its bodies to 256 KiB', async () => {
  await using fake = new FakeController();
  const { call, hello, close } = await setUp(fake, 1, 100);
  const { token, body } = hello(0);
  const { secret } = (await call(0, 'POST /guest/hello', token, body)).body;
  assert.is((await call(0, 'POST /guest/status', secret, { pad: 'x'.repeat(300_000) })).status, 413);
  // A clone gets a handful of connections: one after the other on ten.
  const one = async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 20; i++) statuses.push((await call(0, 'GET /guest/signals?after=0', secret)).status);
    return statuses;
  };
  const statuses = (await Promise.all(Array.from({ length: 10 }, one))).flat();
  assert.ok(statuses.includes(429));
  assert.ok(statuses.filter((status) => status === 200).length >= 90);
  await close();
});

test('a clone that takes all 32 connections to its endpoint takes none of another clone', async () => {
  await using fake = new FakeController();
  const { ports, call, hello, close } = await setUp(fake, 2);
  const sockets = Array.from({ length: 40 }, () => connect(ports[0]!, '127.0.0.1').on('error', () => {}));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await eventually(() => sockets.filter((socket) => socket.destroyed).length >= 8);
  assert.is(sockets.filter((socket) => !socket.destroyed).length, 32);
  const { token, body } = hello(1);
  assert.is((await call(1, 'POST /guest/hello', token, body)).status, 200);
  await close();
});

test('only a machine that waits at the gate is told who it is, once, with no token', async () => {
  await using fake = new FakeController();
  const { ids, call, close } = await setUp(fake, 2);
  assert.is((await call(0, 'POST /guest/wake', '')).status, 401, 'this one knows');
  const live = fake.sessions.live(ids[1]!);
  const gate = (live.machine.gate = new Gate());
  assert.is((await call(1, 'POST /guest/wake', '')).status, 204);
  gate.open(fake.configOf(ids[1]!));
  const told = await call(1, 'POST /guest/wake', '');
  assert.is(told.status, 200);
  assert.match(told.text, /^\d+\.\d{3} [\w+/=]+ [\w+/=]+\n$/);
  assert.is((await call(1, 'POST /guest/wake', '')).status, 401);
  await close();
});

test('a screenshot is taken from the guest that was asked for it, and from nobody else', async () => {
  await using fake = new FakeController();
  const { ids, ports, call, hello, close } = await setUp(fake, 2);
  const { token, body } = hello(0);
  const { secret } = (await call(0, 'POST /guest/hello', token, body)).body;
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(1_000_000)]);
  const post = async (listener: number, id: string, bearer: string, body: Buffer<ArrayBuffer> = png, type = 'image/png') => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': type };
    return (await fetch(`http://127.0.0.1:${ports[listener]}/guest/screenshot?id=${id}`, { method: 'POST', headers, body })).status;
  };
  const { screenshots, mailbox } = fake.sessions.live(ids[0]!).machine;
  const taken = screenshots.take(undefined, 10_000);
  const [wish] = mailbox.signals(0).signals;
  const id = wish?.kind === 'screenshot' ? wish.id : '';
  assert.equal([await post(0, id, 'nobody'), await post(1, id, secret)], [401, 401]);
  assert.equal([await post(0, 'a', secret), await post(0, id, secret, Buffer.from('GIF89a'))], [400, 400]);
  assert.equal([await post(0, id, secret, png, 'application/json'), await post(0, id, secret, png, 'image/gif')], [413, 415]);
  assert.is(await post(0, 'x'.repeat(22), secret), 204, 'one for nobody is dropped');
  assert.is(await post(0, id, secret), 204);
  assert.equal(await taken, png);
  const refused = screenshots.take(undefined, 10_000).catch((error: Error) => error.message);
  const [next] = mailbox.signals(0).signals;
  const reason = { id: next?.kind === 'screenshot' && next.id, reason: 'it lies outside' };
  assert.is((await call(0, 'POST /guest/screenshot/refusal', secret, reason)).status, 204);
  assert.match(String(await refused), /it lies outside/);
  await close();
});

test.run();
