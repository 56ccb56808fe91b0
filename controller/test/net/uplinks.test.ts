import { suite, assert } from '#test/suite';
import { toUplinks } from '../../src/net/uplinks.ts';

const test = suite('net: uplinks');

const link = (ifname: string, ...addresses: string[]) => ({ ifname, addr_info: addresses.map((local) => ({ local })) });

for (const [title, routes, links, expected] of [
  ['that of the public address', [], [link('lo', '127.0.0.1'), link('eth0', '203.0.113.1'), link('eth1', '10.0.0.1')], ['eth0']],
  ['that of the default route, behind a NAT', [{ dev: 'eth1' }], [link('eth0', '10.0.0.2'), link('eth1', '10.1.0.2')], ['eth1']],
  ['both, once', [{ dev: 'eth1' }, { dev: 'eth1' }], [link('eth0', '10.0.0.2', '203.0.113.1'), link('eth1')], ['eth0', 'eth1']],
  ['none for a public address on loopback alone', [], [link('lo', '203.0.113.1')], []],
] as const)
  test(`uplinks: ${title}`, () => assert.equal(toUplinks(routes, links, ['203.0.113.1']), [...expected]));

test.run();
