import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSE, toBytes, toFrames } from '#test/frames';
import { fc, fuzz } from '#test/fuzz';
import { JUNK } from '#test/fuzz-values';
import { assert, suite } from '#test/suite';
import { eventually } from '../fakes/controller.ts';
import { type Browser, FuzzedVnc } from './fuzzed-vnc.ts';

const test = suite('fuzzed VNC', { timeoutMs: 300_000 });

let vnc: FuzzedVnc;

test.before(async () => void (vnc = await FuzzedVnc.start()));
test.after(() => vnc.close());
test.afterEach(async () => {
  await eventually(() => vnc.clones.size === 0);
  assert.equal(vnc.mistakes, []);
});

const junk = fc.constantFrom(
  ...JUNK.map((one) =>
    String(one)
      .replace(/[^\x20-\x7e]/g, '?')
      .slice(0, 2_000),
  ),
);
const maybe = (...values: (string | undefined)[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant('right') },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: junk },
  );

test('a handshake that is wrong anywhere is refused, and leaves nothing open on either side', async () => {
  const fields = {
    connection: maybe(undefined, 'keep-alive', 'close'),
    upgrade: maybe(undefined, 'h2c', 'websocket, h2c', 'WebSocket'),
    'sec-websocket-version': maybe(undefined, '8', '14', '-13', '13, 8'),
    'sec-websocket-key': maybe(undefined, '', 'AAAA', 'not base64 at all !!!!!!', 'dGhlIHNhbXBsZSBub25jZQ== '),
    'sec-websocket-protocol': maybe(undefined, 'binary', 'oriel.x', 'oriel.', ',,,', `binary, oriel.${'x'.repeat(43)}`, 'binary, binary'),
    origin: maybe(undefined, 'null', 'https://evil.example', 'https://product.example.evil.example', 'http://127.0.0.1'),
  };
  const method = fc.constantFrom('GET', 'GET', 'GET', 'GET', 'POST', 'CONNECT');
  const path = maybe('/', '//', '/api/vnc/session/', 'http://[', '*', '/api/vnc/session/s-aaaaaaaaaaaaaaaaaaaa');
  let letIn = 0;
  const browsers: Browser[] = [];
  await fuzz(fc.record({ method, path, ...fields }), 120, async ({ method, path, ...said }) => {
    const headers = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== 'right'));
    const bytes = vnc.toHandshake({ method, headers, ...(path !== 'right' && { path: path?.replaceAll(' ', '') || '/' }) });
    const browser = vnc.connect(bytes);
    const status = await browser.status();
    if (status === 101) {
      letIn += 1;
      assert.ok(
        [undefined, 'https://product.example'].includes(said.origin === 'right' ? undefined : said.origin),
        `let in from ${said.origin}`,
      );
      assert.ok(said['sec-websocket-protocol'] === 'right' && path === 'right' && method === 'GET');
      browser.socket.destroy();
    } else assert.ok(status === 0 || (status >= 400 && status < 500), `${status}: ${browser.received.toString('latin1', 0, 300)}`);
    browsers.push(browser);
  });
  // By the controller: whoever was refused does not close its half.
  while ((await vnc.countBrowsers()) > 0) await sleep(20);
  for (const { socket } of browsers) socket.destroy();
  assert.ok(letIn > 10, `${letIn} were let in`);
});

test('whatever a browser sends, the controller and the other viewers go on', async () => {
  const bystander = vnc.connect(vnc.toHandshake());
  assert.is(await bystander.status(), 101);
  const cases = fc.oneof(
    fc.array(toFrames(true), { minLength: 1, maxLength: 6 }).map((frames) => Buffer.concat(frames.map(toBytes))),
    fc.uint8Array({ minLength: 1, maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  );
  await fuzz(cases, 60, async (bytes) => {
    const browser = vnc.connect(vnc.toHandshake());
    assert.is(await browser.status(), 101);
    browser.socket.end(bytes);
    await browser.ended;
    browser.socket.destroy();
    await eventually(() => vnc.clones.size === 1);
  });
  bystander.socket.write(toBytes({ fin: true, reserved: 0, opcode: 9, masked: true, payload: new Uint8Array(3) }));
  await eventually(() => bystander.received.includes(Buffer.from([0x8a, 3, 0, 0, 0])));
  bystander.socket.destroy();
});

const CLOSABLE = (code: number) => (code >= 1000 && code < 1015 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code < 5000);

test('whatever a clone sends, its viewer gets a close that says something, and the controller goes on', async () => {
  const cases = fc.oneof(
    fc.array(toFrames(false), { minLength: 1, maxLength: 6 }).map((frames) => Buffer.concat(frames.map(toBytes))),
    fc.uint8Array({ minLength: 1, maxLength: 500 }).map((bytes) => Buffer.from(bytes)),
  );
  await fuzz(cases, 60, async (bytes) => {
    const browser = vnc.connect(vnc.toHandshake());
    assert.is(await browser.status(), 101);
    [...vnc.clones].at(-1)!.end(bytes);
    // The last frame is the close: its code may be sent.
    await eventually(() => browser.socket.readableEnded || browser.socket.destroyed || browser.received.includes(0x80 | CLOSE));
    const at = browser.received.lastIndexOf(0x80 | CLOSE);
    const code = browser.received.length >= at + 4 ? browser.received.readUInt16BE(at + 2) : 1000;
    assert.ok(CLOSABLE(code), `closed with ${code}`);
    browser.socket.destroy();
    await eventually(() => vnc.clones.size === 0);
  });
});

test('a clone that does not answer a close keeps its places for a moment, and no more of them', async () => {
  vnc.isDeaf = true;
  for (let count = 0; count < 8; count++) {
    const browser = vnc.connect(vnc.toHandshake());
    assert.is(await browser.status(), 101);
    browser.socket.destroy();
  }
  while ((await vnc.countBrowsers()) > 0) await sleep(5);
  assert.is(vnc.clones.size, 8);
  assert.is(await vnc.connect(vnc.toHandshake()).status(), 429);
  await eventually(() => vnc.clones.size === 0);
  vnc.isDeaf = false;
});

test('a clone that answers the handshake with anything else is unreachable: 502', async () => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  for (const reply of [
    'HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
    'HTTP/1.1 999 \r\n\r\n',
    'RFB 003.008\n',
    `${head}Sec-WebSocket-Accept: wrong\r\n\r\n`,
    `${head}Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: other\r\n\r\n`,
    `${head}Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: binary\r\n\r\n`,
    `HTTP/1.1 101 \r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  ]) {
    vnc.reply = reply;
    const browser = vnc.connect(vnc.toHandshake());
    assert.is(await browser.status(), 502, reply.slice(0, 60));
    browser.socket.destroy();
  }
  vnc.reply = '';
});

test.run();
