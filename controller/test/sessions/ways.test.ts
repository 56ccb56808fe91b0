import { pino } from 'pino';
import { suite, assert } from '#test/suite';
import { EgressExhausted, EgressPool } from '../../src/egress/pool.ts';
import type { NamedUpstream } from '../../src/egress/upstreams-file.ts';
import { eventually, FakeController } from '../fakes/controller.ts';

const test = suite('sessions: ways out');
const reason = { code: 'stopped_by_request', message: 'ended' };
const toUpstream = (name: string): NamedUpstream => ({ name, protocol: 'http', host: `${name}.example`, port: 3128 });

/** Upstreams that are well, with an address each. */
function give(fake: FakeController, names: string[], cooldownMs = 0): EgressPool {
  const upstreams = names.map(toUpstream);
  const pool = new EgressPool({ table: fake.store.leases, upstreams, cooldownMs, log: pino({ level: 'silent' }) });
  for (const name of names) pool.setHealth(name, { isUp: true, against: 0, address: `203.0.113.${names.indexOf(name) + 1}` });
  return (fake.machinery.pool = pool);
}

test('a session leaves by its user’s upstream, and its record says by which and from where', async () => {
  await using fake = new FakeController();
  give(fake, ['a', 'b']);
  const [ann, again, bob] = [await fake.startReady('ann'), await fake.startReady('ann'), await fake.startReady('bob')];
  const egressOf = (id: string) => fake.sessions.read(id).egress;
  assert.equal(egressOf(ann), { upstream: 'a', address: '203.0.113.1' });
  assert.equal(egressOf(again), egressOf(ann));
  assert.equal(egressOf(bob), { upstream: 'b', address: '203.0.113.2' });
  assert.equal(
    fake.machinery.asked.map(({ user }) => user),
    ['local/ann', 'local/ann', 'local/bob'],
  );
});

test('users of one name, of two owners of keys, leave through two upstreams', async () => {
  await using fake = new FakeController();
  give(fake, ['a', 'b']);
  const start = (owner: string) => fake.sessions.start({ userId: 'ann', provider: 'desktop' }, { owner }).sessionId;
  const [one, two] = [start('shop'), start('school')];
  await eventually(() => fake.machinery.asked.length === 2);
  assert.equal([one, two].map((id) => fake.sessions.read(id).egress?.upstream).sort(), ['a', 'b']);
});

test('without a free upstream a start is refused, and nothing of it is there', async () => {
  await using fake = new FakeController();
  give(fake, ['a']);
  fake.start('ann');
  assert.throws(
    () => fake.start('bob'),
    (error: unknown) => error instanceof EgressExhausted,
  );
  assert.is(fake.sessions.size, 1);
  assert.is(fake.store.sessions.newest(['pending', 'vm_creating'], 9).length, 1);
});

test('an upstream is free once the last session of its user is taken down, and not before', async () => {
  await using fake = new FakeController();
  give(fake, ['a']);
  const [one, two] = [await fake.startReady('ann'), await fake.startReady('ann')];
  await fake.sessions.stop(one, 'test', reason);
  assert.throws(() => fake.start('bob'), /no upstream is free/);
  fake.machinery.hanging.add('egress.close');
  const stopping = fake.sessions.stop(two, 'test', reason);
  await eventually(() => fake.sessions.read(two).status === 'stopped');
  fake.machinery.egress.look(fake.sessions.users);
  assert.throws(() => fake.start('bob'), /no upstream is free/);
  fake.machinery.release();
  await stopping;
  assert.equal(fake.sessions.read(fake.start('bob')).egress, { upstream: 'a', address: '203.0.113.1' });
});

test('the next controller goes on with leases, and gives back those of users who have no session any more', async () => {
  await using fake = new FakeController();
  give(fake, ['a', 'b']);
  await fake.startReady('ann');
  fake.machinery.pool!.find('gone')();
  await using next = await fake.crash();
  const pool = give(next, ['a', 'b']);
  await next.sessions.resume();
  next.machinery.egress.look(next.sessions.users);
  assert.equal([pool.outside('local/ann').upstream, pool.outside('local/gone').upstream], ['a', undefined]);
  assert.equal(next.sessions.read(next.start('bob')).egress, { upstream: 'b', address: '203.0.113.2' });
});

test('a machine of the warm pool has no way out until it is claimed, and then its user’s', async () => {
  await using fake = new FakeController({ ORIEL_WARM: '1' });
  give(fake, ['a']);
  await fake.sessions.resume();
  await fake.warmReady();
  assert.equal(fake.machinery.asked, []);
  const id = fake.start('ann');
  await fake.until(id, 'vm_created');
  assert.equal(
    fake.machinery.asked.map(({ user }) => user),
    ['local/ann'],
  );
  assert.is(fake.sessions.read(id).egress?.upstream, 'a');
});

test('where it may go is kept as it is judged, and told the way out', async () => {
  await using fake = new FakeController();
  const egress = { allow: ['*.EXAMPLE.', 'bücher.example'], deny: [] };
  const { sessionId: id } = fake.sessions.start({ userId: 'ann', provider: 'desktop', egress }, { idempotencyKey: 'key' });
  const rules = { allow: ['*.example', 'xn--bcher-kva.example'], deny: [] };
  assert.equal(fake.sessions.read(id).egress, rules);
  await eventually(() => fake.machinery.asked.length > 0);
  assert.equal(fake.machinery.asked[0]!.rules, rules);
  const same = fake.sessions.start(
    { userId: 'ann', provider: 'desktop', egress: { ...egress, allow: ['*.example', 'BÜCHER.example'] } },
    { idempotencyKey: 'key' },
  );
  assert.is(same.sessionId, id);
  assert.throws(
    () => fake.sessions.start({ userId: 'ann', provider: 'desktop' }, { idempotencyKey: 'key' }),
    /another userId, provider or egress/,
  );
});

test('what went through is in the record, while it runs and after it', async () => {
  await using fake = new FakeController();
  const id = await fake.startReady();
  assert.is(fake.sessions.read(id).egress, undefined);
  const counts = { machineId: 'm', open: 1, connections: 2, bytesUp: 3, bytesDown: 4, refused: { address: 5, rule: 1 } };
  fake.machinery.counts = counts;
  const shown = { connections: 2, refused: 6, bytesUp: 3, bytesDown: 4 };
  assert.equal(fake.sessions.read(id).egress, shown);
  fake.machinery.counts = { ...counts, bytesDown: 40 };
  const { updatedAt } = fake.sessions.read(id);
  await fake.sessions.stop(id, 'test', reason);
  assert.equal(fake.sessions.read(id).egress, { ...shown, bytesDown: 40 });
  assert.ok(fake.sessions.read(id).updatedAt > updatedAt);
});

test.run();
