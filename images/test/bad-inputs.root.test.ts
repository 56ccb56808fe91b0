import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { golden } from '../golden/image.ts';
import { LOCK_SETS, toRequested, writeLock, type Lock, type LockedPackage, type LockSet } from '../src/lock.ts';
import { hashFolder } from '../src/repro/compare-files.ts';

/*
 * The real command against a mirror on the loopback whose .debs are words: every one of these builds fails, and the question is
 * what a person reads and what is left.
 */
const test = suite('images: bad inputs of a build', { timeoutMs: 30_000 });

const MAIN = join(import.meta.dirname, '../src/main.ts');
/** Of the set that is fetched first. */
const VICTIM = 'erofs-utils';
const FILL = 'x'.repeat(4096);

let dir = '';
let server: Server;
let base = '';
let answers: Record<string, (response: ServerResponse) => void> = {};
let asked: string[] = [];

test.before(async () => {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  server = createServer((request, response) => {
    asked.push(request.url!);
    const answer = answers[request.url!];
    if (answer) answer(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => void server.close());

test.beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oriel-bad-'));
  answers = {};
  asked = [];
  for (const set of LOCK_SETS) await writeLock(join(dir, 'lock'), set, toLock(set));
  // The last good image.
  await mkdir(join(dir, 'images/good'), { recursive: true });
  await writeFile(join(dir, 'images/good/rootfs.erofs'), 'good');
  await symlink('good', join(dir, 'images/latest'));
});
test.afterEach(() => rm(dir, { recursive: true }));

const contentOf = (name: string) => `${name} ${FILL}`;
const hash = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const pathOf = (name: string) => `pool/main/${name}_1_amd64.deb`;

function toLocked(name: string): LockedPackage {
  const content = contentOf(name);
  answers[`/debian/${pathOf(name)}`] = (response) => response.end(content);
  return {
    name,
    version: '1',
    architecture: 'amd64',
    sha256: hash('sha256', content),
    sha1: hash('sha1', content),
    size: content.length,
    path: pathOf(name),
    suite: golden.suite,
    source: name,
  };
}

function toLock(set: LockSet): Lock {
  const requested = toRequested(golden, set);
  return { schema: 1, suite: golden.suite, architecture: golden.architecture, epoch: 1, requested, packages: requested.map(toLocked) };
}

interface End {
  code: number | null;
  error: string;
}

async function oriel(words: string[], { env = {}, before = [] as string[] } = {}): Promise<End> {
  const argv = [...before, process.execPath, '--disable-warning=ExperimentalWarning', MAIN, ...words];
  const child = spawn(argv[0]!, argv.slice(1), {
    env: {
      PATH: process.env.PATH,
      ORIEL_LOCK_DIR: join(dir, 'lock'),
      ORIEL_CACHE_DIR: join(dir, 'cache'),
      ORIEL_IMAGE_DIR: join(dir, 'images'),
      ORIEL_DEBIAN_MIRROR: `${base}/debian`,
      ORIEL_DEBIAN_SECURITY_MIRROR: `${base}/debian-security`,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let error = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (error += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, error: error.trim() };
}

/** One line, the exit code, the last good image as it was, nothing half done. */
async function assertRefused(end: End, sentence: RegExp, code = 1): Promise<void> {
  assert.match(end.error, sentence);
  assert.not.match(end.error, '\n');
  assert.is(end.code, code);
  assert.is(await readlink(join(dir, 'images/latest')), 'good');
  assert.equal(await hashFolder(join(dir, 'images')), { 'good/rootfs.erofs': hash('sha256', 'good') });
  assert.equal(await readdir(join(dir, 'cache/tmp')).catch(() => []), []);
  for (const name of await readdir(join(dir, 'cache/debs')).catch(() => [])) assert.match(name, /^[0-9a-f]{64}\.deb$/);
}

const victim = `/debian/${pathOf(VICTIM)}`;
const cases: [string, () => void, RegExp, number?][] = [
  [
    'a tampered .deb',
    () => (answers[victim] = (response) => response.end(contentOf(VICTIM).replace('x', 'y'))),
    /^erofs-utils 1: sha256 is [0-9a-f]{64}, the lock says [0-9a-f]{64}$/,
  ],
  [
    'a truncated .deb',
    () => (answers[victim] = (response) => response.end(contentOf(VICTIM).slice(0, 99))),
    /^erofs-utils 1: 99 bytes came, the lock says 4108$/,
  ],
  [
    'a connection that breaks off',
    () => (answers[victim] = (response) => response.writeHead(200, { 'content-length': 4108 }).write('x', () => response.destroy())),
    /^erofs-utils 1 could not be fetched from http:\S+erofs-utils_1_amd64\.deb: terminated/,
  ],
  [
    'a mirror that is down',
    () => (answers[victim] = (response) => response.writeHead(503).end()),
    /^erofs-utils 1 could not be fetched from http:\S+: status 503$/,
  ],
  [
    'a .deb that the mirror dropped',
    () => {
      delete answers[victim];
      answers['/debian/pool/main/'] = (response) => response.end('<a href="erofs-utils_2-1_amd64.deb">');
    },
    /^erofs-utils 1 is on the mirror no more \(it has 2-1 now\)\. Run `just lock`, or set ORIEL_DEBIAN_SNAPSHOT to a snapshot archive\.$/,
    75,
  ],
];
for (const [claim, arrange, sentence, code] of cases) {
  test(`${claim} is one clear line, and the last good image stays`, async () => {
    arrange();
    await assertRefused(await oriel(['build']), sentence, code);
  });
}

test('a lock with a wrong hash is one clear line, and the last good image stays', async () => {
  const lock = toLock('builder');
  for (const locked of lock.packages) if (locked.name === VICTIM) locked.sha256 = '0'.repeat(64);
  await writeLock(join(dir, 'lock'), 'builder', lock);
  await assertRefused(await oriel(['build']), /^erofs-utils 1: sha256 is [0-9a-f]{64}, the lock says 0{64}$/);
});

test('no network is one clear line, and the last good image stays', async () => {
  const end = await oriel(['build'], { before: ['unshare', '--net', '--'] });
  await assertRefused(end, /^\S+ 1 could not be fetched from http:\S+: fetch failed: connect ENETUNREACH/);
});

test('no disk space is one clear line, and the last good image stays', async () => {
  await mkdir(join(dir, 'cache'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', join(dir, 'cache')]);
  try {
    await assertRefused(await oriel(['build']), /^No space left: .*\/cache \(ORIEL_CACHE_DIR\)/);
  } finally {
    execFileSync('umount', [join(dir, 'cache')]);
  }
});

test('a layer that gained a package is found by lock --check and by the build', async () => {
  const lock = toLock('root');
  const without = { ...lock, requested: lock.requested.filter((name) => name !== 'git') };
  await writeLock(join(dir, 'lock'), 'root', without);
  for (const words of [['lock', '--check'], ['build']]) {
    const { code, error } = await oriel(words);
    assert.equal([code, error], [1, 'root: git is in a layer and not in the lock\nRun `just lock`.']);
  }
  await writeLock(join(dir, 'lock'), 'root', lock);
  assert.equal(await oriel(['lock', '--check']), { code: 0, error: '' });
});

test('what the mirror dropped comes from the snapshot archive', async () => {
  const { sha1 } = toLocked(VICTIM);
  delete answers[victim];
  const archived = `/snapshot/file/${sha1}`;
  answers[archived] = (response) => response.end(contentOf(VICTIM));
  const { error } = await oriel(['build'], { env: { ORIEL_DEBIAN_SNAPSHOT: `${base}/snapshot/` } });
  assert.equal(asked.filter((url) => url === victim || url === archived).sort(), [victim, archived].sort());
  // All is fetched; that words are no package is found by the next step.
  assert.match(error, /^dpkg-deb /);
});

test.run();
