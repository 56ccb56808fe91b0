import { suite, assert } from '#test/suite';
import { toFirewallProblems, toUplinkProblems } from '../../src/net/media-problems.ts';

const test = suite('net: media problems');

const forward = (family: string, table: string, policy: string) => ({
  family,
  table,
  name: 'FORWARD',
  type: 'filter',
  hook: 'forward',
  policy,
});

test('firewalls of others that drop what is forwarded are named, and nothing else is', () => {
  const chains = [
    forward('ip', 'filter', 'drop'),
    forward('ip6', 'filter', 'drop'),
    forward('inet', 'firewalld', 'accept'),
    forward('inet', 'oriel', 'drop'),
    { family: 'ip', table: 'filter', name: 'DOCKER-USER' },
    { ...forward('ip', 'filter', 'drop'), name: 'INPUT', hook: 'input' },
  ];
  assert.equal(toFirewallProblems(chains, 'oriel'), [
    'chain FORWARD of table ip filter drops what it has no rule for (ufw and Docker make it so): let it accept UDP ports 20000 to 51999 out to interfaces oriel-h*, and established connections back',
  ]);
});

test('a host without a way in, and an interface that does not forward, are named', () => {
  assert.match(toUplinkProblems([])[0]!, /no default route/);
  assert.equal(toUplinkProblems([{ name: 'eth0', isForwarding: true }]), []);
  assert.match(toUplinkProblems([{ name: 'eth0', isForwarding: false }])[0]!, /^eth0 does not forward/);
});

test.run();
