import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { fc, fuzz } from '#test/fuzz';
import { toAmbiguities } from '#test/http-ambiguities';
import { isLong } from '#test/long';
import { assert, suite } from '#test/suite';
import { startEgress, type Egress } from '../../src/egress/egress.ts';
import { run } from '../../src/host/run.ts';
import { createCloneNetwork, removeCloneNetwork } from '../../src/net/clone-network.ts';
import { toSlot } from '../../src/net/slot.ts';
import { askFrom } from './ask.ts';
import { sayFrom } from './say.ts';

/*
 * In a network of its own: two clones, a server on the internet, and the same on addresses that no clone may reach. What a clone says is
 * bytes. Nothing leads out of the namespaces.
 */
const test = suite('egress: hostile bytes', { timeoutMs: isLong ? 600_000 : 60_000 });
const [mine, other] = [toSlot('oriehos', 0), toSlot('oriehos', 1)];
const TARGET = '203.0.113.10';
const FORBIDDEN = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '203.0.113.1'];
const PROXY = '192.168.100.1:10001';
/** As wide as can be: what is to hold is not a limit. */
const LEASE = { way: 'direct', rules: {}, limits: { connections: 1024, connectionsPerSecond: 100_000 } } as const;

let dir: string;
let egress: Egress;
const servers: Server[] = [];
/** What came to the server that may be reached, and to those that may not. */
const seen: { line: string; host: string | undefined }[] = [];
const reached: string[] = [];

test.before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-hostile-'));
  const local = [`route add local ${TARGET}/32 dev lo`, ...FORBIDDEN.slice(1).map((address) => `address add ${address} dev lo`)];
  await run(['ip', '-batch', '-'], { input: ['link set lo up', ...local, ''].join('\n') });
  for (const slot of [mine, other]) await createCloneNetwork(slot, { guestPorts: [] });
  await serve(TARGET, ({ method, url, headers }) => void seen.push({ line: `${method} ${url}`, host: headers.host }));
  for (const address of FORBIDDEN) await serve(address, () => void reached.push(address));
  egress = await startEgress({ runDir: join(dir, 'run'), log: pino({ level: 'silent' }) });
  await egress.open(mine, { machineId: 'm-one', ...LEASE });
  await egress.open(other, { machineId: 'm-two', ...LEASE });
});

test.after(async () => {
  await egress.stop();
  for (const slot of [mine, other]) await removeCloneNetwork(slot);
  for (const server of servers) server.close();
  await rm(dir, { recursive: true });
});

test.afterEach(async () => {
  assert.equal(reached, [], 'nobody was reached who may not');
  assert.match(await readFile(`/proc/${egress.pid}/status`, 'utf8'), /^State:\t[SR]/m, 'the process lives');
  const [page] = await askFrom(other.guestNetns, [{ proxy: PROXY, get: `http://${TARGET}:8080/after` }]);
  assert.is(page!.status, 200, 'the other clone is served');
});

test('a request whose end can be read in two ways brings one request to the server, or none', async () => {
  const hidden = `GET /smuggled HTTP/1.1\r\nhost: ${TARGET}:8080\r\n\r\n`;
  const ambiguities = toAmbiguities(hidden.length);
  const sayings = ambiguities.map(({ headers, before }, index) =>
    toRequest(`POST http://${TARGET}:8080/carrier${index}`, headers, before + hidden),
  );
  const answers = await say(sayings);
  answers.forEach((answer, index) => assert.match(answer, /^HTTP\/1\.1 4\d\d /, ambiguities[index]!.what));
  assert.equal(
    seen.filter(({ line }) => line.includes('/smuggled')),
    [],
  );
  // Said plainly, both come.
  const plain = toRequest(`POST http://${TARGET}:8080/first`, ['content-length: 0'], toRequest(`GET http://${TARGET}:8080/second`));
  await say([plain]);
  assert.equal(
    seen.slice(-2).map(({ line }) => line),
    ['POST /first', 'GET /second'],
  );
});

test('the server that is asked is the one of the address, whatever else is written', async () => {
  const odd = [
    toRequest(`GET http://${TARGET}:8080/host`, ['host: 169.254.169.254']),
    toRequest(`GET http://${TARGET}:8080/twice`, ['host: 10.1.2.3', 'host: 127.0.0.1']),
    toRequest(`GET http://169.254.169.254:8080/denied`, [`host: ${TARGET}`]),
    toRequest(`GET http://${TARGET}@169.254.169.254:8080/user`),
    toRequest(`GET http://169.254.169.254:8080#@${TARGET}/fragment`),
    toRequest(`GET http://169.254.169.254:8080\\@${TARGET}/backslash`),
    toRequest('GET /origin-form', ['host: 169.254.169.254:8080']),
    toRequest('GET http:///no-host', ['host: 169.254.169.254:8080']),
    toRequest('GET ftp://169.254.169.254:8080/x'),
    toRequest('OPTIONS *', ['host: 169.254.169.254:8080']),
    `CONNECT ${TARGET}:8080 HTTP/1.1\r\nhost: 169.254.169.254:8080\r\n\r\n${toRequest('GET /in-tunnel')}`,
  ];
  const before = seen.length;
  await say(odd);
  const came = seen.slice(before);
  // Through a tunnel goes what the clone likes; what it asks the proxy for is said by the proxy.
  assert.equal(
    came.map(({ line, host }) => `${line} for ${host}`).sort(),
    ['GET /host', 'GET /in-tunnel', 'GET /twice'].map((line) => `${line} for ${TARGET}:8080`),
  );
});

test('a tunnel to a port or a place that is none is refused in words', async () => {
  const targets = [
    '',
    ':',
    ':443',
    TARGET,
    `${TARGET}:`,
    `${TARGET}:0`,
    `${TARGET}:-1`,
    `${TARGET}:65536`,
    `${TARGET}:99999999999`,
    `${TARGET}:8080:8080`,
    `${TARGET}:0x1f90`,
    `${TARGET}:http`,
    `[${TARGET}]:8080`,
    '[::1]:8080',
    '[::ffff:127.0.0.1]:8080',
    '[fe80::1%25lo]:8080',
    '2130706433:8080',
    '0177.0.0.1:8080',
    '127.1:8080',
    'localhost.:8080',
    `${'a'.repeat(300)}.example:443`,
    `${'%41'.repeat(3)}:443`,
    '..:443',
    '*:443',
    'a b:443',
    'ｌｏｃａｌｈｏｓｔ:8080',
    '⑯⑨.254.169.254:8080',
  ];
  const answers = await say(targets.map((target) => `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`));
  answers.forEach((answer, index) =>
    assert.match(answer, /^HTTP\/1\.[01] (400|403|404|429|502|59\d) /, `${targets[index]}: ${answer.slice(0, 80)}`),
  );
});

test('bytes that are nearly a request do no harm', async () => {
  const starts = [
    toRequest(`GET http://${TARGET}:8080/near`),
    toRequest(`POST http://${TARGET}:8080/near`, ['content-length: 5', 'expect: 100-continue'], 'hello'),
    toRequest(`POST http://${TARGET}:8080/near`, ['transfer-encoding: chunked', 'trailer: x'], '5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n'),
    `CONNECT ${TARGET}:8080 HTTP/1.1\r\nhost: ${TARGET}:8080\r\nproxy-authorization: Basic eDp5\r\n\r\n${toRequest('GET /near')}`,
    toRequest(`GET http://${TARGET}:8080/near`, [
      'upgrade: websocket',
      'connection: upgrade',
      'te: trailers',
      'proxy-connection: keep-alive',
    ]),
  ];
  const changes = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      put: fc.constantFrom(
        '',
        '\r\n',
        '\n',
        '\0',
        ' ',
        '\t',
        ':',
        '@',
        '#',
        '\\',
        '%00',
        '%',
        '\x80\xff',
        '[',
        '127.0.0.1',
        'x'.repeat(20_000),
      ),
      drop: fc.nat(3),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const one = fc.tuple(fc.constantFrom(...starts), changes).map(([bytes, all]) =>
    all.reduce((text, { at, put, drop }) => {
      const place = Math.floor(at * text.length);
      return text.slice(0, place) + put + text.slice(place + drop);
    }, bytes),
  );
  await fuzz(fc.array(one, { minLength: 100, maxLength: 100 }), 3, async (sayings) => {
    const answers = await say(sayings);
    for (const answer of answers) assert.ok(answer === '' || /^HTTP\/1\.[01] \d{3} /.test(answer), answer.slice(0, 100));
    assert.equal(reached, []);
  });
  assert.ok(seen.some(({ line }) => line === 'GET /near'));
});

test('a clone that holds all its connections half said keeps nobody else from going out', async () => {
  const half = Array.from({ length: 1_100 }, () => `GET http://${TARGET}:8080/slow HTTP/1.1\r\nx: `);
  const held = sayFrom(mine.guestNetns, { proxy: PROXY, sayings: half.map(toBase64), atOnce: half.length });
  const [meanwhile] = await askFrom(other.guestNetns, [{ proxy: PROXY, get: `http://${TARGET}:8080/meanwhile` }]);
  assert.is(meanwhile!.status, 200);
  await held;
  assert.ok(!seen.some(({ line }) => line.includes('/slow')));
  const [later] = await askFrom(mine.guestNetns, [{ proxy: PROXY, get: `http://${TARGET}:8080/later` }]);
  assert.is(later!.status, 200);
});

/** A request in the form that proxies get. */
function toRequest(line: string, headers: string[] = [], body = ''): string {
  const host = headers.some((one) => one.startsWith('host')) ? [] : [`host: ${TARGET}:8080`];
  return `${line} HTTP/1.1\r\n${[...host, ...headers, ''].join('\r\n')}\r\n${body}`;
}

function say(sayings: string[]): Promise<string[]> {
  return sayFrom(mine.guestNetns, { proxy: PROXY, sayings: sayings.map(toBase64), atOnce: 20 });
}

function toBase64(text: string): string {
  return Buffer.from(text, /[^\u0000-\u00ff]/.test(text) ? 'utf8' : 'latin1').toString('base64');
}

async function serve(address: string, onRequest: (request: IncomingMessage) => void): Promise<void> {
  const server = createServer((request, response) => (onRequest(request), response.end('hello')));
  servers.push(server.listen(8080, address));
  await once(server, 'listening');
}

test.run();
