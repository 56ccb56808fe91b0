import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { fetchDebs, toDebPath, toSha1 } from '../src/debs.ts';
import { PackageVanished } from '../src/errors.ts';
import { parseListing, toUrls } from '../src/fetch-deb.ts';
import type { LockedPackage } from '../src/lock.ts';

const test = suite('images: fetch .debs');

const CONTENT = 'a small .deb';
const hash = (name: string, text: string) => createHash(name).update(text).digest('hex');
const deb: LockedPackage = {
  name: 'hello',
  version: '2.10-5',
  architecture: 'amd64',
  sha256: hash('sha256', CONTENT),
  sha1: hash('sha1', CONTENT),
  size: CONTENT.length,
  path: 'pool/main/h/hello/hello_2.10-5_amd64.deb',
  suite: 'trixie',
  source: 'hello',
};

let cache = '';
let server: Server;
let base = '';
/** What the mirror answers, by path; anything else is 404. */
let pages: Record<string, string> = {};
let asked: string[] = [];

test.before(async () => {
  server = createServer((request, response) => {
    asked.push(request.url!);
    const page = pages[request.url!];
    response.writeHead(page === undefined ? 404 : 200).end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => void server.close());
test.beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'oriel-debs-'));
  pages = {};
  asked = [];
});
test.afterEach(() => rm(cache, { recursive: true }));

const mirrors = async () => ({ main: `${base}/debian`, security: `${base}/debian-security` });
const withSnapshot = async () => ({ ...(await mirrors()), snapshot: `${base}/snapshot` });
const POOL = `/debian/${deb.path}`;

test('a .deb comes from the pool, is kept by its content, and is not asked for twice', async () => {
  pages[POOL] = CONTENT;
  await fetchDebs([deb], cache, mirrors);
  await fetchDebs([deb], cache, mirrors);
  assert.is(await readFile(toDebPath(cache, deb), 'utf8'), CONTENT);
  assert.is(await toSha1(toDebPath(cache, deb)), deb.sha1);
  assert.equal(asked, [POOL]);
});

test('with everything in the cache no mirror is looked for', async () => {
  await mkdir(join(cache, 'debs'));
  await writeFile(toDebPath(cache, deb), CONTENT);
  await fetchDebs([deb], cache, () => Promise.reject(new Error('no mirror')));
});

for (const [claim, content, sentence] of [
  ['tampered', 'a smell .deb', /hello 2\.10-5: sha256 is [0-9a-f]{64}, the lock says/],
  ['truncated', 'a small', /hello 2\.10-5: 7 bytes came, the lock says 12/],
] as const) {
  test(`a ${claim} .deb is refused and leaves nothing`, async () => {
    pages[POOL] = content;
    assert.match((await failureOf(fetchDebs([deb], cache, mirrors))).message, sentence);
    assert.equal(await readdir(join(cache, 'debs')), []);
  });
}

test('a .deb that the mirror dropped: package, version, what it has now, what to do', async () => {
  pages['/debian/pool/main/h/hello/'] = '<a href="hello_2.10-6_amd64.deb">x</a> <a href="hello-doc_9_all.deb">x</a>';
  const failure = await failureOf(fetchDebs([deb], cache, mirrors));
  assert.instance(failure, PackageVanished);
  assert.is((failure as PackageVanished).exitCode, 75);
  assert.match(failure.message, /^hello 2\.10-5 is on the mirror no more \(it has 2\.10-6 now\)\. Run `just lock`/);
});

test('a .deb that the mirror dropped comes from the snapshot archive, by its SHA-1', async () => {
  pages[`/snapshot/file/${deb.sha1}`] = CONTENT;
  await fetchDebs([deb], cache, withSnapshot);
  assert.equal(asked, [POOL, `/snapshot/file/${deb.sha1}`]);
});

test('security comes from its own mirror', async () => {
  assert.equal(toUrls({ ...deb, suite: 'trixie-security' }, await mirrors()), [`${base}/debian-security/${deb.path}`]);
});

test('versions in a listing may be percent-encoded', () => {
  assert.equal(parseListing('<a href="g%2b%2b_4%3a14_amd64.deb">', 'g++'), ['4:14']);
});

function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.unreachable('it did not fail') as never,
    (error: Error) => error,
  );
}

test.run();
