import type { AddressInfo } from 'node:net';
import { fc, fuzz } from '#test/fuzz';
import { sendBytes } from '#test/raw';
import { assert, suite } from '#test/suite';
import { API_KEY } from '../fakes/controller.ts';
import { FuzzedController } from './fuzzed-controller.ts';

const test = suite('raw HTTP', { timeoutMs: 600_000 });

const WRONG = 'x'.repeat(43);
const START = JSON.stringify({ userId: 'smuggled', provider: 'desktop' });

let controller: FuzzedController;
let origin: string;
let mine: string;

test.before(async () => {
  controller = await FuzzedController.start();
  ({ mine } = await controller.settle());
  await controller.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(controller.app.server.address() as AddressInfo).port}`;
});

test.after(() => controller[Symbol.asyncDispose]());

/** A request as bytes; its connection is not kept. */
function toBytes(line: string, { token = WRONG, body = '', headers = [] as string[] } = {}): string {
  const own = [`host: oriel.test`, `authorization: Bearer ${token}`, ...(body && ['content-type: application/json'])];
  const length = body && !headers.some((one) => /^(content-length|transfer-encoding)/i.test(one)) ? [`content-length: ${body.length}`] : [];
  return `${line} HTTP/1.1\r\n${[...own, ...length, ...headers, 'connection: close'].join('\r\n')}\r\n\r\n${body}`;
}

/** Status codes of all replies that came. */
function toStatuses(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

const inner = (token: string) => toBytes('POST /api/auth/start', { token, body: START });
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Requests whose end is somewhere else for one who reads them than for another: the bytes after it are a request that starts a session. */
const AMBIGUOUS: [what: string, bytes: (token: string) => string][] = [
  [
    'a length and chunks',
    (token) =>
      toBytes('POST /api/auth/start', {
        token,
        headers: ['content-length: 4', 'transfer-encoding: chunked'],
        body: `0\r\n\r\n${inner(token)}`,
      }),
  ],
  [
    'chunks and a length',
    (token) =>
      toBytes('POST /api/auth/start', {
        token,
        headers: ['transfer-encoding: chunked', `content-length: ${inner(token).length + 5}`],
        body: `0\r\n\r\n${inner(token)}`,
      }),
  ],
  [
    'two lengths',
    (token) =>
      toBytes('POST /api/auth/start', {
        token,
        headers: ['content-length: 0', `content-length: ${inner(token).length}`],
        body: inner(token),
      }),
  ],
  [
    'a list of lengths',
    (token) => toBytes('POST /api/auth/start', { token, headers: [`content-length: 0, ${inner(token).length}`], body: inner(token) }),
  ],
  ['a length with a sign', (token) => toBytes('POST /api/auth/start', { token, headers: ['content-length: +0'], body: inner(token) })],
  ['a negative length', (token) => toBytes('POST /api/auth/start', { token, headers: ['content-length: -1'], body: inner(token) })],
  [
    'a length beyond all',
    (token) => toBytes('POST /api/auth/start', { token, headers: ['content-length: 18446744073709551616'], body: inner(token) }),
  ],
  ['a length in hexadecimal', (token) => toBytes('POST /api/auth/start', { token, headers: ['content-length: 0x0'], body: inner(token) })],
  [
    'another encoding',
    (token) => toBytes('POST /api/auth/start', { token, headers: ['transfer-encoding: xchunked'], body: `0\r\n\r\n${inner(token)}` }),
  ],
  [
    'chunks that are not last',
    (token) =>
      toBytes('POST /api/auth/start', { token, headers: ['transfer-encoding: chunked, identity'], body: `0\r\n\r\n${inner(token)}` }),
  ],
  [
    'a space before the colon',
    (token) =>
      toBytes('POST /api/auth/start', {
        token,
        headers: ['transfer-encoding : chunked', 'content-length: 5'],
        body: `0\r\n\r\n${inner(token)}`,
      }),
  ],
  [
    'a folded header',
    (token) =>
      toBytes('POST /api/auth/start', { token, headers: ['x: y', ' transfer-encoding: chunked', 'content-length: 0'], body: inner(token) }),
  ],
  [
    'an encoding that is folded',
    (token) =>
      toBytes('POST /api/auth/start', {
        token,
        headers: ['transfer-encoding:', ' chunked', 'content-length: 5'],
        body: `0\r\n\r\n${inner(token)}`,
      }),
  ],
  [
    'a bare carriage return',
    (token) =>
      toBytes('POST /api/auth/start', { token, headers: ['x: y\rtransfer-encoding: chunked', 'content-length: 0'], body: inner(token) }),
  ],
  [
    'a NUL in a header',
    (token) => toBytes('POST /api/auth/start', { token, headers: ['x: y\0', 'content-length: 0'], body: inner(token) }),
  ],
  [
    'a chunk with a wrong size',
    (token) =>
      toBytes('POST /api/auth/start', {
        token,
        headers: ['transfer-encoding: chunked'],
        body: `1\r\n${START}\r\n0\r\n\r\n${inner(token)}`,
      }),
  ],
  [
    'a chunk with a size beyond all',
    (token) =>
      toBytes('POST /api/auth/start', { token, headers: ['transfer-encoding: chunked'], body: `ffffffffffffffff1\r\n${inner(token)}` }),
  ],
  [
    'a chunk whose size has a prefix',
    (token) => toBytes('POST /api/auth/start', { token, headers: ['transfer-encoding: chunked'], body: `0x0\r\n\r\n${inner(token)}` }),
  ],
];

test('a request whose end can be read in two ways is refused, and what comes after it is not done', async () => {
  for (const [what, toRequest] of AMBIGUOUS) {
    const before = controller.state();
    const received = await sendBytes(origin, toRequest(API_KEY));
    assert.ok(
      toStatuses(received).length === 1 && toStatuses(received)[0]! >= 400 && toStatuses(received)[0]! < 500,
      `${what}: ${received.slice(0, 200)}`,
    );
    assert.equal(controller.state(), before, what);
  }
  // The same bytes, said plainly, start one: twice, as two requests are two.
  const chunked = toBytes('POST /api/auth/start', {
    token: API_KEY,
    headers: ['transfer-encoding: chunked'],
    body: `${chunk(START)}0\r\n\r\n`,
  });
  assert.equal(toStatuses(await sendBytes(origin, chunked.replace('connection: close\r\n', '') + inner(API_KEY))).length, 2);
  await controller.settle();
});

/** What is done to the bytes of a request, at a place in them. */
const cuts = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    how: fc.oneof(
      fc.constant({ kind: 'cut' as const }),
      fc.record({ kind: fc.constant('flip' as const), bit: fc.nat(7) }),
      fc.record({ kind: fc.constant('put' as const), bytes: fc.constantFrom(...INSERTED()) }),
    ),
  }),
  { minLength: 1, maxLength: 3 },
);
type Cut = typeof cuts extends fc.Arbitrary<(infer T)[]> ? T : never;

function INSERTED(): string[] {
  return [
    '\r\n',
    '\n',
    '\r',
    '\0',
    ' ',
    '\t',
    ':',
    '\r\n ',
    '\x80\xff',
    '%',
    '%00',
    '/../',
    '//',
    '?',
    '#',
    'HTTP/1.1',
    'HTTP/2.0',
    '\r\n\r\n',
    'x'.repeat(20_000),
  ];
}

function mangle(bytes: string, changes: readonly Cut[]): string {
  return changes.reduce((text, { at, how }) => {
    const place = Math.floor(at * text.length);
    if (how.kind === 'cut') return text.slice(0, place);
    if (how.kind === 'put') return text.slice(0, place) + how.bytes + text.slice(place);
    return text.slice(0, place) + String.fromCharCode((text.charCodeAt(place) || 0) ^ (1 << how.bit)) + text.slice(place + 1);
  }, bytes);
}

test('bytes that are nearly a request are answered or hung up on; without a token they change nothing', async () => {
  const lines = [
    'GET /health',
    `GET /api/auth/session/${mine}`,
    `DELETE /api/auth/session/${mine}`,
    'POST /api/auth/start',
    `POST /api/webrtc/session/${mine}/offer`,
    `GET /api/vnc/session/${mine}`,
  ];
  const cases = fc.record({ line: fc.constantFrom(...lines), changes: cuts, isOurs: fc.boolean() });
  await fuzz(cases, 300, async ({ line, changes, isOurs }) => {
    const before = controller.state();
    const upgrade = line.includes('/vnc/')
      ? ['upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==']
      : [];
    const bytes = mangle(
      toBytes(line, { token: isOurs ? API_KEY : WRONG, body: line.startsWith('POST') ? START : '', headers: upgrade }),
      changes,
    );
    const received = await sendBytes(origin, bytes, { end: true });
    for (const status of toStatuses(received)) assert.ok(status < 500, received.slice(0, 300));
    if (isOurs) return void (await controller.settle());
    assert.equal(controller.state(), before);
  });
  assert.match(await sendBytes(origin, toBytes('GET /health')), /^HTTP\/1\.1 200 /);
});

test.run();
