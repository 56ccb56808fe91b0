import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import { EgressExhausted, EgressPool } from '../../src/egress/pool.ts';
import type { NamedUpstream } from '../../src/egress/upstreams-file.ts';
import { openStore, type Store } from '../../src/store/store.ts';

const test = suite('egress: pool');
const log = pino({ level: 'silent' });
const COOLDOWN_MS = 60_000;
const up = { isUp: true, against: 0 };
const down = { isUp: false, against: 0 };
const toUpstream = (name: string): NamedUpstream => ({
  name,
  protocol: 'http',
  host: `${name}.example`,
  port: 3128,
  username: name,
  password: `pw-${name}`,
});

let dir: string;
let store: Store;
let now: number;
test.beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'oriel-pool-'));
  store = openStore(join(dir, 'oriel.db'));
  now = Date.parse('2026-01-01T00:00:00Z');
});
test.afterEach(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

/** A pool in which all are well. */
function makePool(...names: string[]): EgressPool {
  const pool = new EgressPool({ table: store.leases, upstreams: names.map(toUpstream), cooldownMs: COOLDOWN_MS, log, now: () => now });
  for (const name of names) pool.setHealth(name, up);
  return pool;
}
const take = (pool: EgressPool, user: string) => {
  pool.find(user)();
  return pool.outside(user).upstream;
};
const refusal = (pool: EgressPool, user: string): EgressExhausted => {
  try {
    pool.find(user);
  } catch (error) {
    assert.instance(error, EgressExhausted);
    return error as EgressExhausted;
  }
  throw new Error('there was one');
};

test('one user has one upstream, however many sessions it has, and one upstream is one user’s', () => {
  const pool = makePool('a', 'b');
  assert.equal([take(pool, 'ann'), take(pool, 'bob'), take(pool, 'ann')], ['a', 'b', 'a']);
  assert.equal(pool.wayOf('ann'), { protocol: 'http', host: 'a.example', port: 3128, username: 'a', password: 'pw-a' });
});

test('where none is free the start is refused, with when to come again', () => {
  const pool = makePool('a');
  take(pool, 'ann');
  const { statusCode, code, retryAfterSeconds, message } = refusal(pool, 'bob');
  assert.equal([statusCode, code, retryAfterSeconds], [503, 'egress_exhausted', 15]);
  assert.match(message, /no upstream is free for another user: 1 leased$/);
  pool.look(new Set());
  now += 50_500;
  assert.is(refusal(pool, 'bob').retryAfterSeconds, 10);
});

test('after the last session it cools down: its user finds it again, another gets it only after that', () => {
  const pool = makePool('a');
  take(pool, 'ann');
  pool.look(new Set(['ann']));
  now += 10 * COOLDOWN_MS;
  pool.look(new Set(['ann']));
  assert.is(refusal(pool, 'bob').code, 'egress_exhausted');
  pool.look(new Set());
  now += COOLDOWN_MS - 1;
  pool.look(new Set());
  refusal(pool, 'bob');
  assert.is(take(pool, 'ann'), 'a');
  pool.look(new Set(['ann']));
  pool.look(new Set());
  now += COOLDOWN_MS;
  pool.look(new Set());
  assert.is(take(pool, 'bob'), 'a');
  assert.equal(pool.outside('ann'), {});
  assert.is(pool.wayOf('ann'), 'none');
});

test('to find one takes nothing: a start that is refused for another reason holds none', () => {
  const pool = makePool('a');
  pool.find('ann');
  assert.is(take(pool, 'bob'), 'a');
});

test('one that is not well, or of which nothing is known yet, is nobody’s; its user keeps it while there is a session', () => {
  const pool = makePool('a', 'b');
  pool.setHealth('a', down);
  assert.is(take(pool, 'ann'), 'b');
  pool.setHealth('b', down);
  assert.is(take(pool, 'ann'), 'b', 'another session of the same user');
  pool.look(new Set());
  pool.setHealth('a', up);
  assert.is(take(pool, 'ann'), 'a', 'who comes back gets one that is well');
  pool.replace(['a', 'b', 'c'].map(toUpstream));
  refusal(pool, 'bob');
  pool.setHealth('c', up);
  assert.is(take(pool, 'bob'), 'c');
});

test('leases are in the database, and the next controller goes on with them; no password is', () => {
  take(makePool('a', 'b'), 'ann');
  const next = makePool('b', 'a');
  assert.equal(next.outside('ann'), { upstream: 'a' });
  assert.is(take(next, 'bob'), 'b');
  assert.equal(
    store.leases.list().map(({ upstream, userId }) => [upstream, userId]),
    [
      ['a', 'ann'],
      ['b', 'bob'],
    ],
  );
  assert.not.match(JSON.stringify(store.leases.list()), 'pw-');
});

test('who loses an upstream that was taken away gets another one as soon as there is one, and no way out meanwhile', () => {
  const pool = makePool('a', 'b');
  take(pool, 'ann');
  take(pool, 'bob');
  pool.replace([toUpstream('b')]);
  pool.look(new Set(['ann', 'bob']));
  assert.is(pool.wayOf('ann'), 'none');
  refusal(pool, 'ann');
  pool.replace(['b', 'c'].map(toUpstream));
  pool.setHealth('c', up);
  pool.look(new Set(['ann', 'bob']));
  assert.equal([pool.outside('ann').upstream, pool.outside('bob').upstream], ['c', 'b']);
});

test('who has sessions of a time without upstreams gets one, too', () => {
  const pool = makePool('a');
  assert.is(pool.wayOf('ann'), 'none');
  pool.look(new Set(['ann']));
  assert.equal(pool.outside('ann'), { upstream: 'a' });
});

test('another password is another way by the same upstream, which has to show anew that it is well', () => {
  const pool = makePool('a');
  take(pool, 'ann');
  pool.replace([{ ...toUpstream('a'), password: 'new' }]);
  assert.match(JSON.stringify(pool.wayOf('ann')), '"password":"new"');
  assert.is(pool.healthOf('a'), undefined);
});

test('counts tell whose they are and whether they are well', () => {
  const pool = makePool('a', 'b', 'c', 'd');
  pool.setHealth('d', down);
  take(pool, 'ann');
  take(pool, 'bob');
  pool.look(new Set(['bob']));
  const counts = pool.counts.filter(({ count }) => count > 0).map(({ state, isUp, count }) => `${count} ${state} ${isUp}`);
  assert.equal(counts, ['1 free true', '1 free false', '1 leased true', '1 cooling true']);
});

test.run();
