import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, assert } from '#test/suite';
import { parseUpstreams, readUpstreams, type UpstreamsInvalid } from '../../src/egress/upstreams-file.ts';

const test = suite('egress: upstreams file');
const PASSWORD = 'planted-canary-1729';
const GOOD = { name: 'a', protocol: 'http', host: 'proxy.example', port: 3128, username: 'u', password: PASSWORD };

const errorOf = (text: string): UpstreamsInvalid => {
  try {
    parseUpstreams(text);
  } catch (error) {
    return error as UpstreamsInvalid;
  }
  throw new Error('it was taken');
};
const problemsOf = (...upstreams: object[]) => errorOf(JSON.stringify({ upstreams })).problems;

test('HTTP, HTTPS and SOCKS5, with a password and without', () => {
  const upstreams = [GOOD, { name: 'b', protocol: 'https', host: '203.0.113.9', port: 443 }, { ...GOOD, name: 'c', protocol: 'socks5' }];
  assert.equal(parseUpstreams(JSON.stringify({ upstreams })), upstreams);
  assert.equal(parseUpstreams('{"upstreams":[]}'), []);
});

test('all that is wrong is told together, each with its place', () => {
  assert.equal(problemsOf({ ...GOOD, port: 0, colour: 'red' }, { name: 'b c', protocol: 'ftp', host: 'x' }), [
    '/upstreams/0/colour is unknown',
    '/upstreams/0/port must be >= 1',
    '/upstreams/1/port is missing',
    '/upstreams/1/name must match pattern "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"',
    '/upstreams/1/protocol must be one of http, https, socks5',
  ]);
  assert.equal(problemsOf({ ...GOOD, host: 'a/b' }, GOOD, { ...GOOD, name: 'z' }, { ...GOOD, username: 'x:y', port: 1 }), [
    '/upstreams/0/host is no host name and no address',
    '/upstreams/1 has the name of /upstreams/0',
    '/upstreams/2 has the proxy of /upstreams/1',
    '/upstreams/3 has the name of /upstreams/0',
    '/upstreams/3/username has a colon, which HTTP cannot say',
  ]);
  assert.equal(problemsOf({ name: 'a', protocol: 'http', host: 'x', port: 1, password: PASSWORD }), [
    '/upstreams/0/username is missing: there is a password',
  ]);
});

test('no error shows what stands in the file, not even one that is no JSON', () => {
  const texts = [
    `{"upstreams": [{"password": "${PASSWORD}" oops`,
    `${PASSWORD}`,
    `{"upstreams":[{"password":["${PASSWORD}"],"port":"${PASSWORD}"}]}`,
  ];
  for (const text of texts) {
    const { message, problems, stack = '', cause } = errorOf(text);
    assert.ok(problems.length > 0);
    assert.not.match(`${message} ${stack} ${JSON.stringify(problems)} ${String(cause)}`, PASSWORD);
  }
  // The positive control: the engine's own message would show it.
  assert.throws(() => JSON.parse(texts[1]!), new RegExp(PASSWORD));
});

test('a file that everybody can read is refused, one that is not there too', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-upstreams-'));
  const path = join(dir, 'upstreams.json');
  try {
    assert.match(String(await readUpstreams(path).catch((error: unknown) => error)), /cannot be read \(ENOENT\)/);
    writeFileSync(path, JSON.stringify({ upstreams: [GOOD] }));
    chmodSync(path, 0o644);
    assert.match(String(await readUpstreams(path).catch((error: unknown) => error)), /can be read by everybody: chmod 600/);
    chmodSync(path, 0o640);
    assert.equal(await readUpstreams(path), [GOOD]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test.run();
