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
link add guest address 02:00:00:00:64:01 netns oriel-r3 type veth peer name eth0 netns oriel-g3
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
  ]);
  assert.is(
    links,
    `address add 100.96.0.14/30 dev up
address add 192.168.100.1/30 dev guest
link set dev up up
link set dev guest up
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
  assert.equal({ hostLinks: tap.hostLinks, router: tap.router }, { hostLinks, router }, 'the wall is the same for every driver');
});

test('the wall lets through what it names and drops the rest', () => {
  assert.is(
    planCloneNetwork(slot, { guestPorts: [6080, 10003] }).router.ruleset,
    `table inet clone {
  chain refuse {
    meta l4proto tcp reject with tcp reset
    reject with icmp type admin-prohibited
  }
  chain pin {
    type filter hook prerouting priority raw; policy accept;
    meta nfproto ipv6 drop
    iifname "guest" ip saddr != 192.168.100.2 drop
  }
  chain translate_in {
    type nat hook prerouting priority dstnat; policy accept;
    iifname "guest" ip daddr 192.168.100.1 tcp dport { 10000, 10001 } dnat ip to 100.96.0.13
    iifname "up" ip daddr 100.96.0.14 ip saddr 100.96.0.13 tcp dport { 6080, 10003 } dnat ip to 192.168.100.2
    iifname "up" ip daddr 100.96.0.14 udp dport 20096-20127 dnat ip to 192.168.100.2
  }
  chain translate_out {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "up" ip saddr 192.168.100.2 snat ip to 100.96.0.14
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "guest" oifname "up" ip daddr 100.96.0.13 tcp dport { 10000, 10001 } ct status dnat accept
    iifname "up" oifname "guest" ip saddr 100.96.0.13 ip daddr 192.168.100.2 tcp dport { 6080, 10003 } ct status dnat accept
    iifname "up" oifname "guest" ip daddr 192.168.100.2 udp dport 20096-20127 ct status dnat accept
    iifname "guest" jump refuse
  }
  chain input {
    type filter hook input priority filter; policy drop;
    iifname "guest" jump refuse
  }
  chain output {
    type filter hook output priority filter; policy drop;
    oifname "guest" ct state related accept
  }
}
`,
  );
});

test('a clone without open ports gets no rule for them', () => {
  const { ruleset } = planCloneNetwork(slot, { guestPorts: [] }).router;
  assert.not.match(ruleset, /\{ {2}\}|iifname "up" .*tcp/);
});

test.run();
