import type { AddressInfo } from 'node:net';
import { fc, fuzz } from '#test/fuzz';
import { toAmbiguities } from '#test/http-ambiguities';
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

test('a request whose end can be read in two ways is refused, and what comes after it is not done', async () => {
  const hidden = inner(API_KEY);
  for (const { what, headers, before: start } of toAmbiguities(hidden.length)) {
    const before = controller.state();
    const received = await sendBytes(origin, toBytes('POST /api/auth/start', { token: API_KEY, headers, body: start + hidden }));
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

const UPGRADE = ['upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='];

/** Sends what is nearly a request, and sees that no answer is a mistake of ours. */
async function sendMangled(token: string, count: number, check: () => void): Promise<void> {
  const session = `/api/auth/session/${mine}`;
  const lines = ['GET /health', `GET ${session}`, `DELETE ${session}`, 'POST /api/auth/start', `GET /api/vnc/session/${mine}`];
  await fuzz(fc.record({ line: fc.constantFrom(...lines), changes: cuts }), count, async ({ line, changes }) => {
    const body = line.startsWith('POST') ? START : '';
    const bytes = mangle(toBytes(line, { token, body, headers: line.includes('/vnc/') ? UPGRADE : [] }), changes);
    const received = await sendBytes(origin, bytes, { end: true });
    // A host may say that it is full.
    for (const status of toStatuses(received)) assert.ok(status < 500 || /"code":"host_full"/.test(received), received.slice(0, 300));
    check();
  });
  assert.match(await sendBytes(origin, toBytes('GET /health')), /^HTTP\/1\.1 200 /);
}

test('bytes that are nearly a request are answered or hung up on, and change nothing', async () => {
  const before = controller.state();
  await sendMangled(WRONG, 200, () => assert.equal(controller.state(), before));
});

test('of one who may do everything, too, they are no mistake of ours', async () => {
  await sendMangled(API_KEY, 100, () => undefined);
  assert.not.equal(controller.fake.sessions.read(mine).status, 'vm_created', 'some were good enough to end a session');
});

test.run();
