import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { assert, suite } from '#test/suite';
import { findUnready } from '../../host/host.ts';

const test = suite('host');
const RELEASE = dirname(dirname(process.execPath));
const run = async () => ({ code: 0, stdout: `${process.pid}\n`, stderr: '' });

for (const [what, status, body, words] of [
  ['one that is ready', 200, '{}', /^$/],
  ['one that lacks something', 503, { checks: { image: 'no image', draining: 'ok' } }, /no image/],
  ['one that is drained, and lacks nothing else', 503, { checks: { image: 'ok', draining: 'no new sessions' } }, /^$/],
  ['one that is drained, and lacks something', 503, { checks: { image: 'no image', draining: 'no new sessions' } }, /no image/],
  ['something else', 502, 'Bad Gateway', /Bad Gateway/],
] as const)
  test(`what answers is looked at: ${what}`, async () => {
    const server = createServer((_, reply) => reply.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    assert.match(await findUnready({ run }, origin, RELEASE), words);
    server.close();
    server.closeAllConnections();
  });

test('a process of another release is not the one that was waited for, whatever it says', async () => {
  assert.match(await findUnready({ run }, 'http://127.0.0.1:1', '/opt/oriel/releases/b'), /not of \/opt\/oriel\/releases\/b/);
});

test.run();
