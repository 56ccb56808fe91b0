import fc from 'fast-check';
import { assert, suite } from '#test/suite';
import { toCoturnConfig, toPeerAddresses, type TurnPlan } from '../../turn/coturn-config.ts';

const test = suite('coturn config');

const PLAN: TurnPlan = {
  realm: 'turn.example.org',
  address: '10.0.0.9',
  externalAddress: '203.0.113.9',
  ports: { plain: 3478, tls: 443 },
  relayPorts: { min: 52_000, max: 65_535 },
  peers: { hosts: ['203.0.113.1'], slots: 2 },
  quota: { perViewer: 32, total: 1200, kbps: 16_000 },
};

const settingsOf = (plan: TurnPlan) =>
  toCoturnConfig(plan, '/run/oriel-turn')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));

test('what coturn is told, to the letter', () => {
  assert.equal(settingsOf(PLAN), [
    'listening-ip=10.0.0.9',
    'relay-ip=10.0.0.9',
    'external-ip=203.0.113.9/10.0.0.9',
    'listening-port=3478',
    'tls-listening-port=443',
    'min-port=52000',
    'max-port=65535',
    'realm=turn.example.org',
    'server-name=turn.example.org',
    'use-auth-secret',
    'userdb=/run/oriel-turn/turndb',
    'no-auth-pings',
    'stale-nonce=600',
    'secure-stun',
    'cert=/run/oriel-turn/certificate.pem',
    'pkey=/run/oriel-turn/key.pem',
    'no-tlsv1',
    'no-tlsv1_1',
    'no-dtls',
    'no-cli',
    'no-rfc5780',
    'no-software-attribute',
    'no-dynamic-realms',
    'no-dynamic-ip-list',
    'user-quota=32',
    'total-quota=1200',
    'max-bps=2000000',
    'no-tcp-relay',
    'no-multicast-peers',
    'denied-peer-ip=0.0.0.0-255.255.255.255',
    'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    'allowed-peer-ip=203.0.113.1',
    'allowed-peer-ip=100.96.0.2',
    'allowed-peer-ip=100.96.0.6',
    'log-file=stdout',
    'simple-log',
  ]);
});

test('without a NAT there is no other address', () => {
  assert.not.ok(settingsOf({ ...PLAN, externalAddress: undefined }).some((line) => line.startsWith('external-ip')));
});

test('whatever the peers are, all else is denied, and each line is one setting', () => {
  const peers = fc.record({ hosts: fc.uniqueArray(fc.ipV4(), { maxLength: 5 }), slots: fc.integer({ min: 0, max: 1000 }) });
  fc.assert(
    fc.property(peers, (peers) => {
      const lines = settingsOf({ ...PLAN, peers });
      assert.equal(
        lines.filter((line) => line.startsWith('denied-peer-ip')),
        ['denied-peer-ip=0.0.0.0-255.255.255.255', 'denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
      );
      const allowed = lines.filter((line) => line.startsWith('allowed-peer-ip')).map((line) => line.split('=')[1]!);
      assert.equal(allowed, toPeerAddresses(peers));
      assert.is(allowed.length, peers.hosts.length + peers.slots);
      for (const line of lines) assert.match(line, /^[a-z0-9_-]+(=\S+)?$/);
    }),
    { numRuns: 50 },
  );
});

test.run();
