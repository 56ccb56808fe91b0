import { suite, assert } from '#test/suite';
import { toSlot } from '../../src/net/slot.ts';
import { planWall, WALL_CLASSES } from '../../src/net/wall.ts';

const test = suite('net: wall');
const slot = toSlot('oriel', 3);

test('the wall lets through what it names and drops the rest', () => {
  assert.is(
    planWall(slot, [6080, 10003]),
    `table netdev clone {
  counter refused_flood {
  }
  counter refused_spoofed {
  }
  counter refused_foreign {
  }
  chain ingress {
    type filter hook ingress device "guest" priority 0; policy drop;
    limit rate over 50000/second burst 20000 packets counter name "refused_flood" drop
    ether saddr != 02:00:00:00:64:02 counter name "refused_spoofed" drop
    ether type ip ip saddr 192.168.100.2 accept
    ether type ip counter name "refused_spoofed" drop
    ether type != arp counter name "refused_foreign" drop
    arp saddr ether != 02:00:00:00:64:02 counter name "refused_spoofed" drop
    arp saddr ip != 192.168.100.2 counter name "refused_spoofed" drop
    limit rate over 50/second counter name "refused_flood" drop
    accept
  }
}
table inet clone {
  counter refused_tcp {
  }
  counter refused_udp {
  }
  counter refused_icmp {
  }
  counter refused_other {
  }
  counter refused_new_rate {
  }
  counter refused_connections {
  }
  chain refuse {
    ct state invalid counter name "refused_other" drop
    meta l4proto tcp counter name "refused_tcp"
    meta l4proto udp counter name "refused_udp"
    meta l4proto icmp counter name "refused_icmp"
    meta l4proto != { tcp, udp, icmp } counter name "refused_other"
    jump answer
  }
  chain answer {
    limit rate over 200/second burst 200 packets drop
    meta l4proto tcp reject with tcp reset
    reject with icmp type admin-prohibited
  }
  chain begin {
    limit rate over 100/second burst 500 packets counter name "refused_new_rate" jump answer
    ct count over 1200 counter name "refused_connections" jump answer
    accept
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
    iifname "guest" oifname "up" ip daddr 100.96.0.13 tcp dport { 10000, 10001 } ct state new ct status dnat goto begin
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

test('each class of what it refuses is counted', () => {
  const wall = planWall(slot, []);
  for (const name of Object.keys(WALL_CLASSES)) {
    assert.match(wall, `  counter refused_${name} {\n  }\n`);
    assert.match(wall, `counter name "refused_${name}"`);
  }
});

test('a clone without open ports gets no rule for them', () => {
  assert.not.match(planWall(slot, []), /\{ {2}\}|iifname "up" .*tcp/);
});

test.run();
