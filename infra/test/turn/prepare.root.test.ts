import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificates } from '#test/certificates';
import { assert, suite } from '#test/suite';

const test = suite('what coturn gets at its start');
const claim = existsSync('/usr/bin/turnserver') ? test : (title: string) => test.skip(title, 'coturn is not installed');

const SCRIPT = fileURLToPath(new URL('../../turn/prepare.sh', import.meta.url));
const [A, B] = ['a1'.repeat(32), 'b2'.repeat(32)];
let dir: string;
let run: string;

test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-prepare-'));
  run = join(dir, 'run');
  mkdirSync(run);
});
test.afterEach(() => rmSync(dir, { recursive: true }));

function prepare(
  secrets: string,
  { certificate, key } = makeCertificates(join(dir, 'tls'), '203.0.113.9'),
): { status: number | null; stderr: string } {
  const file = join(dir, 'secret');
  writeFileSync(file, secrets);
  const { status, stderr } = spawnSync('sh', [SCRIPT, run, 'turn.example.org', certificate, key, file], { encoding: 'utf8' });
  return { status, stderr };
}

function readSecrets(): string[] {
  const { stdout } = spawnSync('sqlite3', [join(run, 'turndb'), 'select realm, value from turn_secret'], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).sort();
}

claim('each line of the file is a secret; another file’s take their place; nobody but coturn reads any of it', () => {
  assert.equal(prepare(`# since May\n${B}\n${A}\n`), { status: 0, stderr: '' });
  assert.equal(readSecrets(), [`turn.example.org|${A}`, `turn.example.org|${B}`]);
  assert.equal(prepare(`${B}\n`), { status: 0, stderr: '' });
  assert.equal(readSecrets(), [`turn.example.org|${B}`]);
  const users = readFileSync('/etc/passwd', 'utf8');
  for (const name of ['turndb', 'certificate.pem', 'key.pem']) {
    const { mode, uid } = statSync(join(run, name));
    assert.match(users, new RegExp(`^turnserver:[^:]*:${uid}:`, 'm'));
    assert.is(mode & 0o077, 0, name);
  }
});

const BAD: [what: string, secrets: string, words: RegExp][] = [
  ['no secret', '\n', /secret: there is no line of 32 to 128/],
  ['one that is too short', 'a'.repeat(31), /there is no line of 32 to 128/],
  ['one that would be more of a statement', `${A}'); drop table turn_secret; --`, /there is no line of 32 to 128/],
];
for (const [what, secrets, words] of BAD)
  claim(`${what}: nothing is changed, and nothing of it is said`, () => {
    prepare(A);
    const { status, stderr } = prepare(secrets);
    assert.is.not(status, 0);
    assert.match(stderr, words);
    assert.not.match(stderr, A);
    assert.equal(readSecrets(), [`turn.example.org|${A}`]);
  });

claim('a key of another certificate, and what is none, is told before coturn has it', () => {
  const good = makeCertificates(join(dir, 'good'), '203.0.113.9');
  const other = makeCertificates(join(dir, 'other'), '203.0.113.9');
  prepare(A, good);
  const before = readFileSync(join(run, 'key.pem'), 'utf8');
  const mixed = prepare(A, { ...good, key: other.key });
  assert.is.not(mixed.status, 0);
  assert.match(mixed.stderr, /key\.pem: not the key of/);
  const none = prepare(A, { ...good, certificate: join(dir, 'secret') });
  assert.is.not(none.status, 0);
  assert.match(none.stderr, /no certificate that is good today/);
  assert.is(readFileSync(join(run, 'key.pem'), 'utf8'), before);
});

test.run();
