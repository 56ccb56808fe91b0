import { assert, suite } from '#test/suite';
import { toConfig } from '../../src/config.ts';
import { problemsOf } from '../config-problems.ts';

const test = suite('ICE servers of the environment');

const FILE = { ORIEL_TURN_SECRET_FILE: '/etc/oriel/secrets/turn' };

test('no server is asked that nobody named', () => {
  assert.equal(toConfig({}).ice, { stunUrls: [], turnUrls: [], secretFile: undefined, ttlSeconds: 3600 });
});

test('servers as browsers take them', () => {
  const turnUrls = [
    'turn:turn.example.org',
    'turn:turn.example.org:3478?transport=udp',
    'turn:203.0.113.9:3478?transport=tcp',
    'turns:[2001:db8::1]:443?transport=tcp',
    'turns:turn.example.org:5349',
  ];
  const { ice } = toConfig({ ...FILE, ORIEL_TURN_URLS: turnUrls.join(', '), ORIEL_STUN_URLS: 'stun:a.example:3478' });
  assert.equal(ice, { stunUrls: ['stun:a.example:3478'], turnUrls, secretFile: FILE.ORIEL_TURN_SECRET_FILE, ttlSeconds: 3600 });
});

for (const [url, words] of [
  ['https://turn.example.org', /does not begin with turn: or turns:/],
  ['TURN:turn.example.org', /does not begin with/],
  ['stun:turn.example.org', /does not begin with/],
  ['turn://turn.example.org', /has \/\/ after turn:/],
  ['turn:', /is no such address/],
  ['turn:ann:hunter2@turn.example.org', /is no such address/],
  ['turn:turn.example.org:3478?transport=sctp', /is no such address/],
  ['turn:turn.example.org/path', /is no such address/],
  ['turn:turn.example.org:0', /has no port from 1 to 65535/],
  ['turn:turn.example.org:70000', /has no port/],
  ['turn:[::z]', /is no such address/],
  ['turn:[1::2::3]', /no IPv6 address/],
  ['turns:turn.example.org?transport=udp', /TLS over UDP/],
] as const)
  test(`${url} is told by its place, without itself`, () => {
    const problems = problemsOf({ ...FILE, ORIEL_TURN_URLS: `turn:good.example,${url}` });
    assert.is(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, /^ORIEL_TURN_URLS: number 2 .*is to be like turn:turn\.example\.org/);
    assert.match(problems[0]!, words);
    assert.not.match(problems[0]!, 'hunter2');
  });

test('STUN has no transport, no TLS and no credential', () => {
  for (const url of ['stun:a.example?transport=udp', 'stuns:a.example', 'turn:a.example', 'stun:a b'])
    assert.match(problemsOf({ ORIEL_STUN_URLS: url }).join(), /^ORIEL_STUN_URLS: number 1 .*like stun:stun\.example\.org$/, url);
});

test('servers and secret come together, none twice, and not without end', () => {
  assert.match(problemsOf({ ORIEL_TURN_URLS: 'turn:a.example' }).join(), /^ORIEL_TURN_SECRET_FILE: it is needed.*openssl rand -hex 32/);
  assert.match(problemsOf(FILE).join(), /^ORIEL_TURN_URLS: it is needed/);
  assert.match(problemsOf({ ...FILE, ORIEL_TURN_URLS: 'turn:a.example,turn:a.example' }).join(), /one is there twice/);
  const many = Array.from({ length: 9 }, (_, index) => `turn:a${index}.example`).join();
  assert.match(problemsOf({ ...FILE, ORIEL_TURN_URLS: many }).join(), /9 are more than 8/);
  for (const seconds of ['59', '86401', 'x'])
    assert.match(problemsOf({ ORIEL_TURN_TTL_SECONDS: seconds }).join(), /^ORIEL_TURN_TTL_SECONDS: must be/);
});

test.run();
