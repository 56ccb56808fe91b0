import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Session } from '#contract/session';
import { Api, waitForMarks, type Question } from '#test/api';
import { startBrowser } from '#test/browser';
import { flood } from '#test/flood';
import { makeInternet } from '#test/internet';
import { isLong } from '#test/long';
import { PACE } from '#test/pace';
import { sendBytes, sendLarge } from '#test/raw';
import { MALFORMED } from '#test/malformed-events';
import { Oriel } from '#test/oriel';
import { connectPeer, makeOffer, readIgnored, sendMessages, typeByPeer } from '#test/peer-page';
import { findInClone, readRssMib } from '#test/processes';
import { mutate } from '#test/sdp-mutations';
import { assert, suite } from '#test/suite';
import { TargetServer } from '#test/target-server';
import { takeTerminal } from '#test/terminal';
import { ViewerPage } from '#test/viewer';

const test = suite('bad input', { timeoutMs: 90_000 });

const INSTANCE = 'oriebad';
const FLOOD_SECONDS = isLong ? 60 : 10;
const STRANGER = 's-aaaaaaaaaaaaaaaaaaaa';

const oriel = new Oriel({ instance: INSTANCE });
const target = new TargetServer();
let browser: Browser;
let viewer: ViewerPage;
/** A page of the controller's that shows nothing: peers of the test live in it. */
let page: Page;
let api: Api;
let up: Awaited<ReturnType<Oriel['start']>>;
let agentPid = 0;
let offers = 0;

test.before(async () => {
  makeInternet();
  await target.start();
  up = await oriel.start();
  api = new Api(up.origin, up.apiKey);
  browser = await startBrowser();
  viewer = await ViewerPage.open(browser, up.link);
  page = await (await browser.newContext()).newPage();
  await page.goto(`${up.origin}/`);
  agentPid = findAgent();
  await waitForMarks(api, up.sessionId, ['terminal', 'chromium']);
  await takeTerminal(viewer, target);
});

test.after(async () => {
  await browser?.close();
  await oriel.interrupt();
  await target.stop();
  oriel.removeFiles();
});

const body = { userId: 'ann', provider: 'desktop' };
const offer = { offer: { type: 'offer', sdp: 'v=0' } };

/** What is asked, with what, and the status and code that come back. */
const REFUSED: [what: string, line: string, question: Question, status: number, code: string][] = [
  ['no token', 'POST /api/auth/start', { token: null, body }, 401, 'unauthorized'],
  ['a wrong token', 'POST /api/auth/start', { token: 'x'.repeat(43), body }, 401, 'unauthorized'],
  [
    'a token that is no header value of ours',
    'GET /api/auth/session/ID',
    { headers: { authorization: 'Basic YTpi' } },
    401,
    'unauthorized',
  ],
  ["another session's token", `GET /api/auth/session/${STRANGER}`, { token: 'VIEWER' }, 404, 'session_not_found'],
  ['a viewer that starts', 'POST /api/auth/start', { token: 'VIEWER', body }, 403, 'key_needed'],
  ['an unknown session', `GET /api/auth/session/${STRANGER}`, {}, 404, 'session_not_found'],
  ['an unknown session to end', `DELETE /api/auth/session/${STRANGER}`, {}, 404, 'session_not_found'],
  ["an unknown session's console", `GET /api/auth/session/${STRANGER}/console`, {}, 404, 'session_not_found'],
  [
    'an offer for an unknown session',
    `POST /api/webrtc/session/${STRANGER}/offer`,
    { body: { offer: { type: 'offer', sdp: 'v=0' } } },
    404,
    'session_not_found',
  ],
  ['a session id that is none', 'GET /api/auth/session/s-1', {}, 400, 'invalid_request'],
  ['a path in the place of an id', 'GET /api/auth/session/..%2f..%2fetc%2fpasswd', {}, 400, 'invalid_request'],
  ['a route that is none', 'GET /api/auth/sessions', {}, 404, 'not_found'],
  ['a method that is none', 'PUT /api/auth/start', { body }, 405, 'method_not_allowed'],
  ['no body', 'POST /api/auth/start', {}, 400, 'invalid_request'],
  ['an empty body', 'POST /api/auth/start', { body: '' }, 400, 'invalid_json'],
  ['a body that is no JSON', 'POST /api/auth/start', { body: '{"userId":' }, 400, 'invalid_json'],
  ['a body that is no object', 'POST /api/auth/start', { body: [body] }, 400, 'invalid_request'],
  ['null', 'POST /api/auth/start', { body: 'null' }, 400, 'invalid_request'],
  [
    'a body of another type',
    'POST /api/auth/start',
    { body: 'userId=ann', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    415,
    'unsupported_media_type',
  ],
  ['a missing field', 'POST /api/auth/start', { body: { userId: 'ann' } }, 400, 'invalid_request'],
  ['an unknown field', 'POST /api/auth/start', { body: { ...body, admin: true } }, 400, 'invalid_request'],
  [
    'a field that reaches for the prototype',
    'POST /api/auth/start',
    { body: `{"userId":"ann","provider":"desktop","__proto__":{"admin":true}}` },
    400,
    'invalid_json',
  ],
  ['a number for a text', 'POST /api/auth/start', { body: { ...body, userId: 7 } }, 400, 'invalid_request'],
  ['an empty text', 'POST /api/auth/start', { body: { ...body, userId: '' } }, 400, 'invalid_request'],
  ['a text that is too long', 'POST /api/auth/start', { body: { ...body, userId: 'a'.repeat(129) } }, 400, 'invalid_request'],
  [
    'characters that no user has',
    'POST /api/auth/start',
    { body: { ...body, userId: 'ann; drop table sessions' } },
    400,
    'invalid_request',
  ],
  ['an unknown provider', 'POST /api/auth/start', { body: { ...body, provider: 'constructor' } }, 400, 'invalid_request'],
  [
    'an idempotency key that is too long',
    'POST /api/auth/start',
    { body, headers: { 'idempotency-key': 'k'.repeat(129) } },
    400,
    'invalid_request',
  ],
  ['a wait that is no number', 'GET /api/auth/session/ID?wait=soon', {}, 400, 'invalid_request'],
  ['a wait without end', 'GET /api/auth/session/ID?wait=1e9', {}, 400, 'invalid_request'],
  ['an unknown query field', 'GET /api/auth/session/ID?waiting=1', {}, 400, 'invalid_request'],
  ['a flat offer', 'POST /api/webrtc/session/ID/offer', { body: { type: 'offer', sdp: 'v=0' } }, 400, 'invalid_request'],
  [
    'an answer for an offer',
    'POST /api/webrtc/session/ID/offer',
    { body: { offer: { type: 'answer', sdp: 'v=0' } } },
    400,
    'invalid_request',
  ],
  ['an empty SDP', 'POST /api/webrtc/session/ID/offer', { body: { offer: { type: 'offer', sdp: '' } } }, 400, 'invalid_request'],
  ['an SDP that is none', 'POST /api/webrtc/session/ID/offer', { body: offer }, 400, 'sdp_malformed'],
  [
    'an SDP that is too long',
    'POST /api/webrtc/session/ID/offer',
    { body: { offer: { type: 'offer', sdp: 'v=0\r\n'.repeat(20_000) } } },
    400,
    'invalid_request',
  ],
  [
    'too many candidates',
    'POST /api/webrtc/session/ID/candidate',
    { body: { offerId: 'o', candidates: Array.from({ length: 65 }, () => ({ candidate: '' })) } },
    400,
    'invalid_request',
  ],
  [
    'candidates of an unknown offer',
    'POST /api/webrtc/session/ID/candidate',
    { body: { offerId: 'none', candidates: [] } },
    404,
    'offer_unknown',
  ],
  ['the answer to an unknown offer', 'GET /api/webrtc/session/ID/answer?offerId=none', {}, 404, 'offer_unknown'],
  ['credentials where there are none', 'GET /api/auth/session/ID/credentials', {}, 404, 'no_credentials'],
  ['no WebSocket where one is needed', 'GET /api/vnc/session/ID', {}, 426, 'upgrade_required'],
];

for (const [what, line, question, status, code] of REFUSED) {
  test(`${what}: ${status} ${code}`, async () => {
    const token = question.token === 'VIEWER' ? up.viewerToken : question.token;
    const reply = await api.ask<{ error?: { code: string; message: string } }>(line.replace('ID', up.sessionId), {
      ...question,
      ...(token !== undefined && { token }),
    });
    assert.equal([reply.status, reply.body.error?.code], [status, code]);
    assert.ok(reply.body.error!.message);
  });
}

for (const line of ['POST /api/auth/start', 'POST /api/webrtc/session/ID/offer', 'POST /api/webrtc/session/ID/candidate']) {
  test(`a body of 10 MB is refused before it is read: ${line}`, async () => {
    for (const chunked of [false, true]) {
      const { status, code, sentBytes } = await sendLarge(up.origin, line.replace('ID', up.sessionId), up.apiKey, chunked);
      assert.equal([status, code], [413, 'body_too_large']);
      assert.ok(sentBytes < 5e6, `${sentBytes} bytes were taken`);
    }
    assert.equal(await sendLarge(up.origin, line.replace('ID', up.sessionId), 'wrong', true).then(({ status, code }) => [status, code]), [
      401,
      'unauthorized',
    ]);
  });
}

test('bytes that are no HTTP are refused', async () => {
  for (const text of ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'GET\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`])
    assert.match(await sendBytes(up.origin, text), /^HTTP\/1\.1 4\d\d /);
});

test('what a clone may ask is asked in vain by others, and by the clone itself with anything wrong', async () => {
  const guest = new Api('http://100.96.0.1:10000', 'x'.repeat(43));
  const machineId = (await api.ask<Session>(`GET /api/auth/session/${up.sessionId}`)).body.machine!.machineId;
  const hello = { protocol: 1, machineId, vncSecret: 'v'.repeat(43) };
  for (const [line, question, status, code] of [
    ['POST /guest/hello', { body: hello }, 401, 'unauthorized'],
    ['POST /guest/hello', { body: { ...hello, more: 1 } }, 400, 'invalid_request'],
    ['POST /guest/hello', { body: '{' }, 400, 'invalid_json'],
    ['GET /guest/signals?after=0', {}, 401, 'unauthorized'],
    ['POST /guest/status', { body: '{' }, 401, 'unauthorized'],
    ['POST /api/auth/start', { body }, 404, 'not_found'],
  ] as const) {
    const reply = await guest.ask<{ error?: { code: string } }>(line, question);
    assert.equal([line, reply.status, reply.body.error?.code], [line, status, code]);
  }
});

test('offers that are wrong in any place are refused or answered, the agent lives, and a good one works', async () => {
  const mutations = mutate(await makeOffer(page));
  assert.ok(mutations.length > 200, `${mutations.length} ways to be wrong`);
  const replies = new Map<string, string[]>();
  for (const { name, sdp } of mutations) {
    const reply = await offerAndWait(sdp);
    replies.set(reply, [...(replies.get(reply) ?? []), name]);
  }
  // Refused at once, by the agent, or good enough to be answered: never a mistake, never silence.
  const counts = [...replies].map(([reply, names]) => `${reply}: ${names.length}`);
  const unexpected = [...replies].filter(
    ([reply]) => !['400 sdp_malformed', '400 invalid_request', '422 offer_refused', '200'].includes(reply),
  );
  assert.equal(unexpected, []);
  assert.ok(replies.has('422 offer_refused') && replies.has('400 sdp_malformed'), counts.join(', '));
  assert.is(findAgent(), agentPid, counts.join(', '));
  assert.is(await connectPeer(page, { sessionId: up.sessionId, token: up.apiKey }), 'connected');
});

for (const [what, spoil] of [
  ['a wrong fingerprint', [['^a=fingerprint:sha-256 ..', 'a=fingerprint:sha-256 00']]],
  ['a fingerprint of another kind', [['^a=fingerprint:sha-256 .*$', 'a=fingerprint:sha-1 00:11']]],
  ['a wrong ICE password', [['^a=ice-pwd:.*$', 'a=ice-pwd:wrongwrongwrongwrongwrong']]],
  ['DTLS roles that do not fit', [['^a=setup:.*$', 'a=setup:passive']]],
  ['another SCTP port', [['^a=sctp-port:.*$', 'a=sctp-port:1']]],
] as [string, [string, string][]][]) {
  test(`a connection that goes on with ${what} ends without the agent`, async () => {
    await connectPeer(page, { sessionId: up.sessionId, token: up.apiKey, spoil }, 1_500);
    assert.is(await connectPeer(page, { sessionId: up.sessionId, token: up.apiKey }), 'connected');
    assert.is(findAgent(), agentPid);
  });
}

test('malformed events at 1,000 a second are dropped and counted, and good input still works', async () => {
  assert.is(await connectPeer(page, { sessionId: up.sessionId, token: up.apiKey }), 'connected');
  const refused = await page.evaluate(() => {
    try {
      return window.peer.channels.input!.send('x'.repeat(1025));
    } catch (error) {
      return String(error);
    }
  });
  assert.match(String(refused), /max-message-size|TypeError/, 'a longer message is not even sent');
  const flooding = sendMessages(page, { messages: MALFORMED, channels: ['input', 'control'], perSecond: 1_000, seconds: 5 });
  await viewer.type(`curl -s -d during ${target.url}/typed\n`);
  await target.waitFor('what was typed meanwhile', ({ path, body }) => path === '/typed' && body === 'during');
  const sent = await flooding;
  await eventually(
    () => readIgnored(page),
    (ignored) => ignored === sent,
    20_000 * PACE,
  );

  // Moves may be lost on their way, and count where they arrive.
  const messages = MALFORMED.filter((message) => !message.includes('"move"'));
  await sendMessages(page, { messages, channels: ['move'], perSecond: 1_000, seconds: 1 });
  const ignored = await eventually(
    () => readIgnored(page),
    (count) => count > sent,
  );
  assert.ok(ignored <= sent + 1_000, `${ignored - sent} of 1,000 moves`);
  assert.is(findAgent(), agentPid);

  await typeByPeer(page, `curl -s -d after ${target.url}/typed\n`);
  await target.waitFor('what the same peer typed', ({ path, body }) => path === '/typed' && body === 'after');
});

test(
  '200 offers a second are served while another session starts',
  async () => {
    const sdp = await makeOffer(page);
    const alone = await startAndShow('alone');
    const held = [oriel.pid, agentPid].map((pid) => [pid, readRssMib(pid)] as const);
    const end = new AbortController();
    let n = 0;
    const flooding = flood(
      200,
      async () => {
        // Each is of a connection of its own, as after a reload.
        const own = sdp.replace(/^o=- \d+/m, `o=- ${++n}`);
        const path = `/api/webrtc/session/${up.sessionId}/offer`;
        const { status } = await api.ask(`POST ${path}`, { body: { offer: { type: 'offer', sdp: own }, offerId: `flood${n}` } });
        return String(status);
      },
      end.signal,
    );
    const started = Date.now();
    const meanwhile = await startAndShow('meanwhile');
    await sleep(Math.max(0, FLOOD_SECONDS * 1000 - (Date.now() - started)));
    end.abort();
    const { counts, ms } = await flooding;
    const seconds = (Date.now() - started) / 1000;
    const p99 = ms[Math.floor(ms.length * 0.99)]!;
    console.log(
      `${ms.length} offers in ${seconds.toFixed(1)} s, 99 % within ${p99.toFixed(0)} ms; a session: ${alone} ms alone, ${meanwhile} ms meanwhile`,
    );
    assert.equal([...counts.keys()], ['200']);
    for (const [pid, before] of held) assert.ok(readRssMib(pid) < before + 300, `${pid} grew from ${before} to ${readRssMib(pid)} MiB`);
    assert.ok(ms.length / seconds > 190 / PACE, `${(ms.length / seconds).toFixed(0)} a second`);
    assert.ok(p99 < 2_000 * PACE, `${p99} ms`);
    assert.ok(meanwhile < (alone + 15_000) * PACE, `${meanwhile} ms, ${alone} ms without`);
    assert.is(findAgent(), agentPid);
    assert.is(await connectPeer(page, { sessionId: up.sessionId, token: up.apiKey }), 'connected');
  },
  { timeoutMs: 120_000 },
);

test('the first viewer saw it all through', async () => {
  const { state, transport } = await (
    await viewer.element()
  ).evaluate((element) => element.stats as unknown as { state: string; transport: string });
  assert.equal([state, transport], ['live', 'webrtc']);
});

test('no process died, and the controller made no mistake', async () => {
  assert.is(findAgent(), agentPid);
  assert.is((await api.ask('GET /health')).status, 200);
  const { body } = await api.ask<Session>(`GET /api/auth/session/${up.sessionId}`);
  assert.equal([body.status, body.services.map(({ restarts }) => restarts)], ['vm_created', body.services.map(() => 0)]);
  const mistakes = oriel.output.split('\n').filter((line) => /"level":"(error|fatal)"|request failed/.test(line));
  assert.equal(mistakes, []);
});

test.run();

function findAgent(): number {
  return findInClone(INSTANCE, 0, /\/usr\/lib\/oriel\/agent\.mjs/);
}

/** Status and code of the offer, or of its answer. */
async function offerAndWait(sdp: string): Promise<string> {
  const path = `/api/webrtc/session/${up.sessionId}`;
  const offerId = `m${++offers}`;
  const posted = await api.ask<{ error?: { code: string } }>(`POST ${path}/offer`, { body: { offer: { type: 'offer', sdp }, offerId } });
  const reply = posted.status === 200 ? await api.ask<typeof posted.body>(`GET ${path}/answer?offerId=${offerId}&wait=5`) : posted;
  return [reply.status, reply.body.error?.code ?? []].flat().join(' ');
}

/** Milliseconds from asking for a session to its picture. */
async function startAndShow(userId: string): Promise<number> {
  const started = Date.now();
  const { status, body: session } = await api.ask<{ sessionId: string; viewer: { url: string } }>('POST /api/auth/start', {
    body: { userId, provider: 'desktop' },
  });
  assert.is(status, 200);
  const shown = await ViewerPage.open(browser, session.viewer.url, { timeoutMs: 30_000 });
  const ms = Date.now() - started;
  await shown.close();
  assert.is((await api.ask(`DELETE /api/auth/session/${session.sessionId}`)).status, 204);
  return ms;
}

async function eventually<T>(read: () => Promise<T>, isSo: (value: T) => boolean, timeoutMs = 10_000 * PACE): Promise<T> {
  for (const until = Date.now() + timeoutMs; ; await sleep(50)) {
    const value = await read();
    if (isSo(value)) return value;
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(value)} after ${timeoutMs} ms`);
  }
}
