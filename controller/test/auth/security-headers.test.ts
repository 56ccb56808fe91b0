import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { toSecurityHeaders } from '../../src/auth/security-headers.ts';
import { ask } from '../fakes/ask.ts';
import { API_KEY as token, FakeController } from '../fakes/controller.ts';

const test = suite('security headers');
const NEEDED = Object.keys(toSecurityHeaders({ corsOrigins: [], publicUrl: undefined, bind: '127.0.0.1' }));

test('every route, page and error has them, also what is no route and what is no HTTP', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-pages-'));
  mkdirSync(dir, { recursive: true });
  for (const name of ['desktop.html', 'operator.html', 'index.html', 'desktop.js']) writeFileSync(join(dir, name), 'x');
  await using fake = new FakeController();
  const app = await fake.app(dir);
  const id = await fake.startReady();
  const { body } = await ask(app, 'GET /api/openapi.json');
  const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace('{id}', id).replace('{peer}', 'p-x')}?nonsense=1`),
  );
  assert.ok(routes.length > 20);
  const pages = [
    'GET /',
    'GET /desktop',
    'GET /operator',
    'GET /assets/desktop.js',
    'GET /assets/none.js',
    'GET /?session=s-x',
    'GET /api/openapi.json',
  ];
  const wrong = ['GET /nowhere', 'PUT /api/auth/start', 'GET /%', 'OPTIONS /api/auth/start', 'GET /assets/../x', 'GET /api/vnc/session/x'];
  for (const line of [...routes, ...pages, ...wrong])
    for (const who of [{ token }, {}]) {
      const { headers, status } = await ask(app, line, who);
      assert.equal(
        NEEDED.filter((name) => headers[name] === undefined),
        [],
        `${line} (${status})`,
      );
    }
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  for (const text of [
    'nonsense\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
    upgrade('/api/vnc/session/nowhere'),
  ]) {
    const reply = (await say(port, text)).toLowerCase();
    assert.match(reply, /^http\/1\.1 4\d\d /);
    assert.equal(
      NEEDED.filter((name) => !reply.includes(`\r\n${name}: `)),
      [],
      reply,
    );
    assert.match(reply, /\{"error":\{"code":"[a-z_]+","message":/);
  }
  await app.close();
  rmSync(dir, { recursive: true });
});

test('pages run no script but our own, and nobody frames them who may not call the API', () => {
  const { 'content-security-policy': strict, ...more } = toSecurityHeaders({
    corsOrigins: [],
    publicUrl: 'https://oriel.example',
    bind: '0.0.0.0',
  });
  const directives = new Map(strict!.split('; ').map((one) => [one.split(' ')[0]!, one]));
  assert.equal(
    ['default-src', 'script-src', 'frame-ancestors', 'base-uri', 'form-action'].map((name) => directives.get(name)),
    ["default-src 'none'", "script-src 'self'", "frame-ancestors 'self'", "base-uri 'none'", "form-action 'none'"],
  );
  assert.not.match(strict!, /unsafe|\*|http:/);
  assert.equal([more['x-frame-options'], more['strict-transport-security']], ['SAMEORIGIN', 'max-age=31536000']);
  const open = toSecurityHeaders({ corsOrigins: ['https://product.example'], publicUrl: 'http://oriel.example', bind: '0.0.0.0' });
  assert.match(open['content-security-policy']!, "frame-ancestors 'self' https://product.example");
  assert.equal([open['x-frame-options'], open['strict-transport-security']], [undefined, undefined]);
});

test('a page has its window for itself where browsers can trust that it is ours: by HTTPS, or from this host', () => {
  const cases = [
    [undefined, '127.0.0.1', 'same-origin'],
    ['https://oriel.example', '0.0.0.0', 'same-origin'],
    ['http://oriel.example', '127.0.0.1', undefined],
    [undefined, '0.0.0.0', undefined],
  ] as const;
  for (const [publicUrl, bind, wanted] of cases)
    assert.is(toSecurityHeaders({ corsOrigins: [], publicUrl, bind })['cross-origin-opener-policy'], wanted, `${publicUrl} ${bind}`);
});

test('what has tokens in it is kept by no cache; what the pages load is asked for again, and need not be sent again', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-pages-'));
  writeFileSync(join(dir, 'desktop.js'), 'x');
  await using fake = new FakeController();
  const app = await fake.app(dir);
  const started = await ask(app, 'POST /api/auth/start', { token, body: { userId: 'ann', provider: 'desktop' } });
  assert.is(started.headers['cache-control'], 'no-store');
  const script = await ask(app, 'GET /assets/desktop.js');
  assert.is(script.headers['cache-control'], 'public, max-age=0', JSON.stringify(script.headers));
  assert.is((await ask(app, 'GET /assets/desktop.js', { headers: { 'if-none-match': script.headers.etag! } })).status, 304);
  rmSync(dir, { recursive: true });
});

test.run();

function upgrade(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
}

async function say(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let reply = '';
  socket.setEncoding('utf8').on('data', (piece: string) => (reply += piece));
  socket.write(text);
  await new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined));
  return reply;
}
