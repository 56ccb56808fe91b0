import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assert, suite } from '#test/suite';
import { planSsh, RemoteFailed, toRemote, type Remote } from '../../deploy/remote.ts';
import { placeSecrets, readSecret, SecretMissing } from '../../deploy/secrets.ts';
import { uploadRelease } from '../../deploy/upload.ts';
import { toSums } from '../../release/release.ts';

const test = suite('upload');
/** The scripts are run by a shell as sshd would run them, here. */
const here = toRemote(['sh', '-c']);
let dir = '';

test.beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'oriel-upload-'))));
test.afterEach(() => rmSync(dir, { recursive: true }));

/** A release on this side; gives its id. */
function make(name: string, files: Record<string, string>): { from: string; id: string } {
  const from = join(dir, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(from, path)), { recursive: true });
    writeFileSync(join(from, path), content);
  }
  chmodSync(join(from, 'bin/oriel'), 0o755);
  const sums = toSums(Object.entries(files).map(([path, content]) => ({ path, sha256: toHash(content) })));
  writeFileSync(join(from, 'SHA256SUMS'), sums);
  writeFileSync(join(from, 'provenance.dsse.json'), '{}');
  return { from, id: toHash(sums) };
}

const toHash = (content: string) => createHash('sha256').update(content).digest('hex');
const A = { 'bin/oriel': 'program', 'images/i/rootfs': 'a large one', 'release.json': 'of a', 'a b/c': 'with a blank' };

test('a release is there whole, with its modes; the next one sends what the host has not', async () => {
  const releases = join(dir, 'releases');
  const first = make('first', A);
  assert.equal(await uploadRelease(first.from, first.id, releases, here), { sent: 6, linked: 0 });
  assert.is(statSync(join(releases, first.id, 'bin/oriel')).mode & 0o777, 0o755);
  assert.equal(await uploadRelease(first.from, first.id, releases, here), { sent: 0, linked: 0 });

  const second = make('second', { ...A, 'release.json': 'of b', 'more/file': 'new' });
  assert.equal(await uploadRelease(second.from, second.id, releases, here), { sent: 4, linked: 3 });
  for (const path of ['bin/oriel', 'images/i/rootfs', 'release.json', 'a b/c', 'more/file', 'SHA256SUMS'])
    assert.is(readFileSync(join(releases, second.id, path), 'utf8'), readFileSync(join(second.from, path), 'utf8'), path);
  assert.is(statSync(join(releases, first.id, 'images/i/rootfs')).ino, statSync(join(releases, second.id, 'images/i/rootfs')).ino);
  assert.equal(readdirSync(releases).sort(), [first.id, second.id].sort());
});

test('a file of the host that is not what its release says is not handed on: there is no release under that name', async () => {
  const releases = join(dir, 'releases');
  const first = make('first', A);
  await uploadRelease(first.from, first.id, releases, here);
  writeFileSync(join(releases, first.id, 'images/i/rootfs'), 'damaged');
  const second = make('second', { ...A, 'release.json': 'of b' });
  const error = await uploadRelease(second.from, second.id, releases, here).catch((reason: Error) => reason);
  assert.instance(error, RemoteFailed);
  assert.match((error as Error).message, /rootfs: FAILED/);
  assert.not(existsSync(join(releases, second.id)));
});

test('what an upload that broke off left is no obstacle', async () => {
  const releases = join(dir, 'releases');
  const { from, id } = make('first', A);
  let scripts = 0;
  const breaks: Remote = {
    run: (script, input) => (++scripts === 4 ? Promise.reject(new RemoteFailed('the line is cut')) : here.run(script, input)),
  };
  assert.instance(await uploadRelease(from, id, releases, breaks).catch((reason: Error) => reason), RemoteFailed);
  assert.equal(readdirSync(releases), [`${id}.partial`]);
  await uploadRelease(from, id, releases, here);
  assert.equal(readdirSync(releases), [id]);
});

test('secrets are files for their owner alone, and are all had before the first goes', async () => {
  const at = join(dir, 'secrets');
  const secrets = { one: { from: { env: 'ONE' } }, two: { from: { command: ['printf', 'second'] } } };
  await placeSecrets(secrets, here, { ONE: 'first' }, at);
  assert.equal(readdirSync(at).sort(), ['one', 'two']);
  assert.equal([readFileSync(join(at, 'one'), 'utf8'), readFileSync(join(at, 'two'), 'utf8')], ['first', 'second']);
  assert.equal([statSync(at).mode & 0o777, statSync(join(at, 'one')).mode & 0o777], [0o700, 0o600]);
  const broken = { one: { from: { env: 'ONE' } }, two: { from: { command: ['false'] } } };
  assert.instance(await placeSecrets(broken, here, { ONE: 'other' }, at).catch((reason: Error) => reason), SecretMissing);
  assert.is(readFileSync(join(at, 'one'), 'utf8'), 'first');
});

for (const [what, reference, words] of [
  ['a file', { file: '/nonexistent/secret' }, /\/nonexistent\/secret: ENOENT/],
  ['a variable', { env: 'NOBODYS' }, /the variable NOBODYS is not set/],
  ['a command', { command: ['sh', '-c', 'echo hunter2; exit 3'] }, /^the secret s cannot be had: sh ended with 3$/],
  ['nothing', { command: ['true'] }, /it is empty/],
] as const)
  test(`a secret from ${what} that is not to be had is named without what is in it`, async () => {
    const error = await readSecret('s', reference as never, {}).catch((reason: Error) => reason);
    assert.instance(error, SecretMissing);
    assert.match((error as Error).message, words);
    assert.not.match((error as Error).message, 'hunter2');
  });

test('ssh is told all by its words: nobody’s own files, no host whose key is not known', () => {
  const words = planSsh({ address: 'h', knownHostsFile: '/k', identityFile: '/i', port: 2222 });
  assert.equal(words.slice(0, 11), ['ssh', '-F', 'none', '-p', '2222', '-l', 'root', '-i', '/i', '-o', 'IdentitiesOnly=yes']);
  assert.equal(words.slice(-2), ['--', 'h']);
  assert.ok(words.includes('StrictHostKeyChecking=yes') && words.includes('UserKnownHostsFile=/k'));
});

test('a remote command that fails says what it said', async () => {
  const error = await here.run('echo to nobody >&2; exit 4').catch((reason: Error) => reason);
  assert.match((error as Error).message, /ended with 4: to nobody/);
});

test.run();
