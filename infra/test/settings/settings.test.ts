import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, suite } from '#test/suite';
import { toEnvironmentFile } from '../../settings/host.ts';
import { readSettings, SettingsInvalid } from '../../settings/settings.ts';
import { writeSections, writeSettings, type Entry, type Sections } from './fixture.ts';

const test = suite('settings');

function problemsOf(change: (host: Entry) => void): string[] {
  return problemsIn(writeSettings(change));
}

function problemsIn({ dir, path }: { dir: string; path: string }): string[] {
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
    (host) => ((host.secrets as Entry).hook = { from: { file: 'gone' } }),
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

test('ten kinds of mistakes give ten clear errors in one go, each with its place', () => {
  const problems = problemsIn(
    writeSections(({ hosts, edge, monitoring }) => {
      const { ssh, variables } = hosts!.first as { ssh: Entry; variables: Entry };
      ssh.port = 70_000; // a number out of range
      delete hosts!.first!.release; // a field that is missing
      hosts!.second = {
        ...hosts!.first,
        ssh: { ...ssh, port: 22, knownHostsFile: 'nobody' },
        release: '.',
        variables: { ...variables, ORIEL_PORTS: 1, ORIEL_WARM: 'many' },
      };
      hosts!.second.secrets = { ...(hosts!.first!.secrets as Entry), hook: { from: { file: 'gone' } } };
      hosts!['Not A Name'] = hosts!.first!; // a name that is none
      edge!.front!.tls = { acme: { email: 'ops@example.org' }, internal: true }; // two of which one is wanted
      edge!.other = { host: 'nobody', names: ['desktops.example.org'], tls: { internal: true } }; // one that is not there
      monitoring!.here!.graphana = true; // a field that is none
    }),
  );
  const wanted = [
    /^hosts\.first\.ssh\.port: must be <= 65535$/,
    /^hosts\.first: must have required property 'release'$/,
    /^hosts\.second\.ssh\.knownHostsFile: there is no .*nobody$/,
    /^hosts\.second\.release: .* is no release/,
    /^hosts\.second\.variables: .*ORIEL_PORTS: .*did you mean ORIEL_PORT\?$/,
    /^hosts\.second\.variables: ORIEL_WARM: must be integer$/,
    /^hosts\.second\.secrets\.hook: there is no .*gone$/,
    /^hosts: Not A Name is no name like/,
    /^edge\.front\.tls: it must be exactly one of \{acme\}, \{certificate, key, version\}, \{internal\}$/,
    /^edge\.other\.host: there is no nobody in hosts$/,
    /^monitoring\.here: there is no graphana; did you mean grafana\?$/,
  ];
  for (const words of wanted) assert.is(problems.filter((problem) => words.test(problem)).length, 1, `${words}\n${problems.join('\n')}`);
  assert.is(problems.length, wanted.length, problems.join('\n'));
});

const BETWEEN: [what: string, change: (sections: Sections) => void, words: RegExp][] = [
  [
    'a host behind an edge that listens for others',
    ({ hosts }) => ((hosts!.first!.variables as Entry).ORIEL_BIND = '0.0.0.0'),
    /^edge\.front\.host: its ORIEL_BIND is 0\.0\.0\.0: behind an edge it is to be 127\.0\.0\.1/,
  ],
  [
    'one that does not know its name',
    ({ hosts }) => ((hosts!.first!.variables as Entry).ORIEL_PUBLIC_URL = 'https://other.example.org'),
    /^edge\.front\.host: its ORIEL_PUBLIC_URL is to be https:\/\/desktops\.example\.org$/,
  ],
  [
    'one to which all people are Caddy',
    ({ hosts }) => delete (hosts!.first!.variables as Entry).ORIEL_TRUSTED_PROXIES,
    /^edge\.front\.host: its ORIEL_TRUSTED_PROXIES is to have 127\.0\.0\.1/,
  ],
  [
    'a certificate that is not there',
    ({ edge }) => (edge!.front!.tls = { certificate: 'none.pem', key: { env: 'A' } }),
    /^edge\.front\.tls\.certificate: there is no .*none\.pem$/,
  ],
  ['a name with a word more', ({ edge }) => (edge!.front!.names = ['desktops.example.org {']), /^edge\.front\.names\.0: must match/],
  [
    'a controller that a monitor cannot reach',
    ({ edge }) => delete edge!.front!.metricsToken,
    /^monitoring\.there\.hosts: the controller of first is at loopback on another machine/,
  ],
  [
    'a TURN server for a host that is none',
    ({ turn }) => (turn!.relay!.hosts = ['nobody']),
    /^turn\.relay\.hosts: there is no nobody in hosts$/,
  ],
  [
    'one for a host that tells nobody of it',
    ({ hosts }) => {
      const { variables } = hosts!.first as { variables: Entry };
      delete variables.ORIEL_TURN_URLS;
      delete variables.ORIEL_TURN_SECRET_FILE;
    },
    /^turn\.relay\.hosts: first has no ORIEL_TURN_URLS: nobody would be told/,
  ],
  [
    'one for desktops that it cannot reach',
    ({ hosts }) => delete (hosts!.first!.variables as Entry).ORIEL_PUBLIC_ADDRESSES,
    /^turn\.relay\.hosts: first is another machine and has no ORIEL_PUBLIC_ADDRESSES/,
  ],
  [
    'an address that is none',
    ({ turn }) => (turn!.relay!.address = '203.0.113.900'),
    /^turn\.relay\.address: 203\.0\.113\.900 is no IPv4 address$/,
  ],
  ['two ports that are one', ({ turn }) => (turn!.relay!.ports = { tls: 3478 }), /^turn\.relay\.ports: plain and tls are both 3478$/],
  [
    'a port of the desktops’',
    ({ turn }) => (turn!.relay!.ports = { tls: 20_000 }),
    /^turn\.relay\.ports\.tls: 20000 is one of the desktops’/,
  ],
  [
    'ports of the desktops’',
    ({ turn }) => (turn!.relay!.relayPorts = { min: 50_000, max: 60_000 }),
    /^turn\.relay\.relayPorts: 20000 to 51999 are the desktops’$/,
  ],
  [
    'ports the other way round',
    ({ turn }) => (turn!.relay!.relayPorts = { min: 65_000, max: 64_000 }),
    /^turn\.relay\.relayPorts: 65000 to 64000 is none$/,
  ],
  [
    'a certificate in two places',
    ({ turn }) => (turn!.relay!.tls = { certificate: 'cert.pem', key: { env: 'A' }, onHost: { certificate: '/a', key: '/b' } }),
    /^turn\.relay\.tls: it must be exactly one of \{onHost\}, \{certificate, key, version\}$/,
  ],
  ['a secret in clear', ({ turn }) => (turn!.relay!.secret = { from: 'hunter2' }), /^turn\.relay\.secret\.from: it must be exactly one of/],
];

for (const [what, change, words] of BETWEEN)
  test(`${what} is told by its place, and nothing else is`, () => {
    const problems = problemsIn(writeSections(change));
    assert.is(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, words);
  });

test('the example lacks nothing but the files that are an operator’s own', () => {
  try {
    readSettings(join(import.meta.dirname, '../../environments/example.json'));
    assert.unreachable();
  } catch (error) {
    for (const problem of (error as SettingsInvalid).problems) assert.match(problem, /: there is no \/|is no release \(just release\)$/);
  }
});

test('a file with a stack of each kind is right', () => assert.equal(problemsIn(writeSections()), []));

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
