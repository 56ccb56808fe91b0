import { suite, assert } from '#test/suite';
import { planCloneNetwork } from '../../src/net/clone-plan.ts';
import { toSlot } from '../../src/net/slot.ts';

const test = suite('net: plan of a clone');
const slot = toSlot('oriel', 3);

test('namespaces and veth pairs are made from the host, in one batch', () => {
  assert.is(
    planCloneNetwork(slot, { guestPorts: [6080] }).hostLinks,
    `netns add oriel-r3
netns add oriel-g3
link add oriel-h3 type veth peer name up netns oriel-r3
link add guest address 02:00:00:00:64:01 netns oriel-r3 type veth peer name eth0 address 02:00:00:00:64:02 netns oriel-g3
address add 100.96.0.13/30 dev oriel-h3
`,
  );
});

test('the router forwards, checks sources and has no IPv6', () => {
  const { sysctls, links } = planCloneNetwork(slot, { guestPorts: [6080] }).router;
  assert.equal(sysctls, [
    'net/ipv6/conf/all/disable_ipv6=1',
    'net/ipv6/conf/default/disable_ipv6=1',
    'net/ipv4/ip_forward=1',
    'net/ipv4/conf/all/rp_filter=1',
    'net/ipv4/conf/all/send_redirects=0',
    'net/netfilter/nf_conntrack_tcp_timeout_time_wait=10',
  ]);
  assert.is(
    links,
    `address add 100.96.0.14/30 dev up
address add 192.168.100.1/30 dev guest
link set dev up up
link set dev guest up
neigh add 192.168.100.2 lladdr 02:00:00:00:64:02 dev guest nud permanent
route add default via 100.96.0.13
`,
  );
});

test('the guest has one address, one route and no IPv6', () => {
  assert.equal(planCloneNetwork(slot, { guestPorts: [6080] }).guest, {
    sysctls: ['net/ipv6/conf/all/disable_ipv6=1', 'net/ipv6/conf/default/disable_ipv6=1'],
    links: `link set lo up
address add 192.168.100.2/30 dev eth0
link set eth0 up
route add default via 192.168.100.1
`,
  });
});

test('a virtual machine gets a tap of its own user, bridged to the way out; the namespace itself has no address', () => {
  const tap = planCloneNetwork(slot, { guestPorts: [6080], link: 'tap' });
  assert.equal(tap.guest, {
    sysctls: ['net/ipv6/conf/all/disable_ipv6=1', 'net/ipv6/conf/default/disable_ipv6=1'],
    links: `link add bridge type bridge mcast_snooping 0
link set eth0 master bridge
link set tap0 master bridge
link set eth0 up
link set tap0 up
link set bridge up
`,
  });
  assert.equal(tap.tap.join(' '), '-netns oriel-g3 tuntap add dev tap0 mode tap vnet_hdr user 1879048195 group 1879048195');
  const { hostLinks, router, tap: none } = planCloneNetwork(slot, { guestPorts: [6080], link: 'interface' });
  assert.equal(none, []);
  assert.equal(tap.router, router, 'the wall is the same for every driver');
  assert.is(tap.hostLinks, hostLinks.replace('eth0 address 02:00:00:00:64:02 ', 'eth0 '), 'the machine has the address, not the bridge');
});

test.run();
