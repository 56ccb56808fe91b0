import { suite, assert } from '#test/suite';
import { planHostTable, planHostTableRemoval } from '../../src/net/host-table.ts';
import { MAX_SLOTS } from '../../src/net/slot.ts';

const test = suite('net: host table');

test('it is replaced in one transaction and speaks of clone interfaces only', () => {
  assert.is(
    planHostTable('oriel'),
    `table inet oriel
delete table inet oriel
table inet oriel {
  set opened {
    type ifname
  }
  chain untracked_in {
    type filter hook prerouting priority raw; policy accept;
    iifname "oriel-h*" tcp dport { 10000, 10001 } notrack
  }
  chain untracked_out {
    type filter hook output priority raw; policy accept;
    oifname "oriel-h*" tcp sport { 10000, 10001 } notrack
  }
  chain from_clone {
    meta nfproto ipv6 drop
    fib saddr . iif oif missing drop
    ct state established,related accept
    fib daddr . iif type local tcp dport { 10000, 10001 } accept
    drop
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "oriel-h*" jump from_clone
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "oriel-h*" drop
    oifname "oriel-h*" drop
    iifname @opened ct state new ct status ! dnat drop
  }
}
`,
  );
});

test('with users elsewhere, the media ports of every slot lead to its router, and nothing else is forwarded', () => {
  const plan = planHostTable('oriel', { uplinks: ['eth0', 'eth1'], opened: ['eth1'] });
  assert.is(plan.match(/\d+-\d+ : 100\.[\d.]+/g)?.length, MAX_SLOTS);
  assert.match(plan, '    elements = { 20000-20031 : 100.96.0.2, 20032-20063 : 100.96.0.6, ');
  assert.match(plan, '    elements = { "eth1" }\n');
  assert.match(
    plan,
    `  chain media_in {
    type nat hook prerouting priority dstnat; policy accept;
    iifname { "eth0", "eth1" } fib daddr type local dnat ip to udp dport map @clone_of_port
  }
`,
  );
  assert.match(
    plan,
    `    type filter hook forward priority filter; policy accept;
    iifname { "eth0", "eth1" } oifname "oriel-h*" meta l4proto { udp, icmp } ct status dnat accept
    iifname "oriel-h*" oifname { "eth0", "eth1" } ct direction reply ct status dnat accept
    iifname "oriel-h*" drop
    oifname "oriel-h*" drop
    iifname @opened ct state new ct status ! dnat drop
`,
  );
});

test('taking it away works on a host that has none', () => {
  assert.is(planHostTableRemoval('oriel'), 'table inet oriel\ndelete table inet oriel\n');
});

test('a name that could say more to nft is refused', () => {
  assert.throws(() => planHostTable('a; flush ruleset'), /no instance name/);
});

test.run();
