import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import type { Way } from '../../src/egress/control-protocol.ts';
import type { EgressLease } from '../../src/egress/egress.ts';
import type { EgressPool } from '../../src/egress/pool.ts';
import { Prober } from '../../src/egress/prober.ts';
import { LeasedWays } from '../../src/egress/ways-out.ts';
import { toSlot, type Slot } from '../../src/net/slot.ts';

const test = suite('egress: leased ways');
const log = pino({ level: 'silent' });
const limits = { connections: 1, connectionsPerSecond: 1 };
const slot = toSlot('oriel', 3);
const asked = { machineId: 'm-one', user: 'ann', rules: { deny: ['a.example'] } };

class FakeEgress {
  readonly opened: EgressLease[] = [];
  open = async (_slot: Slot, lease: EgressLease) => void this.opened.push(lease);
  close = async () => undefined;
  counts = async () => ({});
}

test('without upstreams it is straight out, with the rules and limits', async () => {
  const egress = new FakeEgress();
  const ways = new LeasedWays({ egress, pool: undefined, directAddress: () => '203.0.113.1', limits, log });
  ways.find('ann')();
  await ways.open(slot, asked);
  assert.equal(egress.opened, [{ machineId: 'm-one', way: 'direct', rules: asked.rules, limits }]);
  assert.equal(ways.outside('ann'), { address: '203.0.113.1' });
});

test('what is open follows its user’s lease, and is left alone while that stays as it is', async () => {
  const egress = new FakeEgress();
  let way: Way = 'none';
  const pool = { wayOf: () => way, look: () => undefined } as unknown as EgressPool;
  const ways = new LeasedWays({ egress, pool, directAddress: () => undefined, limits, log });
  await ways.open(slot, asked);
  ways.look(new Set());
  way = { protocol: 'http', host: 'a.example', port: 1 };
  ways.look(new Set());
  ways.look(new Set());
  await ways.close(slot);
  way = 'none';
  ways.look(new Set());
  await nextTurn();
  assert.equal(
    egress.opened.map((lease) => lease.way),
    ['none', { protocol: 'http', host: 'a.example', port: 1 }],
  );
});

test('a probe that could not be made says nothing of an upstream', async () => {
  const told: string[] = [];
  let isAway = true;
  const pool = {
    upstreams: [{ name: 'a', protocol: 'http', host: 'a.example', port: 1 }],
    healthOf: () => undefined,
    setHealth: (name: string, { isUp }: { isUp: boolean }) => void told.push(`${name} ${isUp}`),
  } as unknown as EgressPool;
  const probe = async () => {
    if (isAway) throw new Error('the egress process is away');
    return { ms: 1 };
  };
  const prober = new Prober({ probe, pool, url: undefined, everyMs: 1_000, log });
  await prober.round();
  assert.equal(told, []);
  isAway = false;
  await prober.round();
  assert.equal(told, ['a true']);
});

test('one probe of an upstream is made at a time', async () => {
  let running = 0;
  let most = 0;
  const pool = {
    upstreams: [{ name: 'a' }, { name: 'b' }],
    healthOf: () => undefined,
    setHealth: () => undefined,
  } as unknown as EgressPool;
  const probe = async () => {
    most = Math.max(most, ++running);
    await nextTurn();
    running--;
    return { ms: 1 };
  };
  const prober = new Prober({ probe, pool, url: undefined, everyMs: 1_000, log });
  await Promise.all([prober.round(), prober.round(), prober.round()]);
  assert.is(most, 2);
});

test.run();
