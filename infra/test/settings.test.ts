import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { readSettings, SettingsInvalid, toEnvironmentFile } from '../settings.ts';
import { writeSettings } from './settings-fixture.ts';

const test = suite('settings');

function problemsOf(change: (host: Record<string, unknown>) => void): string[] {
  const { dir, path } = writeSettings(change);
  try {
    readSettings(path);
    return [];
  } catch (error) {
    assert.instance(error, SettingsInvalid);
    return (error as SettingsInvalid).problems;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('settings that are right have no problem, and paths are from where the file is', () => {
  assert.equal(
    problemsOf(() => undefined),
    [],
  );
  const { dir, path } = writeSettings();
  const { ssh, release } = readSettings(path).hosts.first!;
  assert.equal([ssh.knownHostsFile, ssh.identityFile, release], [join(dir, 'known_hosts'), join(dir, 'key'), join(dir, 'release')]);
  rmSync(dir, { recursive: true });
});

type Ssh = Record<string, unknown>;
const MISTAKES: [what: string, change: (host: Record<string, unknown>) => void, words: RegExp][] = [
  ['a field that is none', (host) => (host.relase = host.release), /^hosts\.first: there is no relase; did you mean release\?$/],
  ['a field that is missing', (host) => delete host.release, /^hosts\.first: must have required property 'release'$/],
  ['a port that is none', (host) => ((host.ssh as Ssh).port = 70_000), /^hosts\.first\.ssh\.port: must be <= 65535$/],
  ['an address with a word more', (host) => ((host.ssh as Ssh).address = 'a -oProxyCommand=b'), /^hosts\.first\.ssh\.address: must match/],
  [
    'a secret in clear',
    (host) => (host.secrets = { hook: { from: 'hunter2' } }),
    /^hosts\.first\.secrets\.hook\.from: it must be exactly one of/,
  ],
  [
    'two places for one secret',
    (host) => (host.secrets = { hook: { from: { env: 'A', file: 'b' } } }),
    /exactly one of \{file\}, \{env\}, \{command\}$/,
  ],
  [
    'a file that is not there',
    (host) => ((host.ssh as Ssh).knownHostsFile = 'nobody'),
    /^hosts\.first\.ssh\.knownHostsFile: there is no .*nobody$/,
  ],
  ['a folder that is no release', (host) => (host.release = '.'), /^hosts\.first\.release: .* has no release\.json, no SHA256SUMS/],
  ['a variable that is none', (host) => (host.variables = { ORIEL_BINDS: 'x' }), /^hosts\.first\.variables: .*ORIEL_BINDS/],
  ['a value that a variable may not have', (host) => (host.variables = { ORIEL_PORT: 'high' }), /^hosts\.first\.variables: .*ORIEL_PORT/],
  [
    'a variable that names a secret that nobody gives',
    (host) => (host.variables = { ORIEL_CREDENTIALS_KEY_FILE: '/etc/oriel/secrets/keys' }),
    /there is no keys$/,
  ],
  [
    'a secret’s file that is not there',
    (host) => (host.secrets = { hook: { from: { file: 'gone' } } }),
    /^hosts\.first\.secrets\.hook: there is no/,
  ],
];

for (const [what, change, words] of MISTAKES)
  test(`${what} is told by its place, and nothing else is`, () => {
    const problems = problemsOf(change);
    assert.is(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, words);
  });

test('all mistakes of a file are told at once', () => {
  const problems = problemsOf((host) => {
    host.more = 1;
    (host.ssh as Ssh).port = 0;
    host.secrets = { 'Not A Name': {} };
    delete host.release;
  });
  assert.ok(problems.length >= 4, problems.join('\n'));
  const later = problemsOf((host) => {
    host.release = '.';
    host.variables = { ORIEL_PORT: 'x', ORIEL_NONE: 'y' };
    host.secrets = { hook: { from: { file: 'gone' } } };
  });
  assert.is(later.length, 4, later.join('\n'));
});

test('what is no JSON, and what is not there, says so', () => {
  const { dir, path } = writeSettings();
  writeFileSync(path, '{');
  assert.throws(() => readSettings(path), /is no JSON that can be read/);
  assert.throws(() => readSettings(join(dir, 'none')), /ENOENT/);
  rmSync(dir, { recursive: true });
});

test('variables are systemd’s: sorted, quoted, true as 1', () => {
  const variables = { ORIEL_B: 'a "b" \\c $HOME `d`', ORIEL_A: true, ORIEL_C: 0.5 };
  assert.is(toEnvironmentFile({ variables }), 'ORIEL_A="1"\nORIEL_B="a \\"b\\" \\\\c \\$HOME \\`d\\`"\nORIEL_C="0.5"\n');
});

test.run();
