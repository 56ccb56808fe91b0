import { assert, suite } from '#test/suite';
import { findLeftOver } from '../../src/leftover/find.ts';
import { countByKind, toLeftOver, type Trace } from '../../src/leftover/trace.ts';
import { LeftOverWatch } from '../../src/leftover/watch.ts';
import type { Store } from '../../src/store/store.ts';

const test = suite('left over');

const A = { machineId: 'm-aaaaaaaaaaaa', slot: 1 };
const B = { machineId: 'm-bbbbbbbbbbbb', slot: 2 };
const link = (slot: number): Trace => ({ kind: 'link', name: `oriel-h${slot}`, of: { slot } });
const group = (machineId: string): Trace => ({ kind: 'control group', name: `/g/${machineId}`, of: { machineId } });
const TABLE: Trace = { kind: 'firewall table', name: 'inet oriel', of: 'instance' };
const ALL = [link(1), link(2), group(A.machineId), group(B.machineId), TABLE];
const CONFIG = { instance: 'oriel', dataDir: '/d', runDir: '/r' };

test('what a record stands for is in its place, the rest is left over', () => {
  assert.equal(toLeftOver(ALL, { machines: [A], isControllerRunning: true }), [link(2), group(B.machineId)]);
  assert.equal(toLeftOver(ALL, { machines: [], isControllerRunning: true }).length, 4);
});

test('what all machines share is left over when there is neither controller nor machine', () => {
  assert.equal(toLeftOver([TABLE], { machines: [], isControllerRunning: true }), []);
  assert.equal(toLeftOver([TABLE], { machines: [A], isControllerRunning: false }), []);
  assert.equal(toLeftOver([TABLE], { machines: [], isControllerRunning: false }), [TABLE]);
});

test('a machine that begins or ends while one looks is not left over', async () => {
  const lists = [[A], [B]];
  const found = await findLeftOver(CONFIG, { listMachines: () => lists.shift()!, isControllerRunning: true, census: async () => ALL });
  assert.equal(found, []);
});

test('what cannot be listed is an error, not nothing', async () => {
  const census = () => Promise.reject(new Error('no nft'));
  await findLeftOver(CONFIG, { listMachines: () => [], isControllerRunning: true, census }).then(
    () => assert.unreachable('nothing was found'),
    (error: Error) => assert.match(error.message, 'no nft'),
  );
});

test('the controller counts what is there twice, warns once, and says when it is gone', async () => {
  let found: Trace[] = [link(1)];
  const warned: unknown[] = [];
  const store = { machines: { places: () => [] } } as unknown as Pick<Store, 'machines'>;
  const watch = new LeftOverWatch({
    config: CONFIG,
    store,
    log: { warn: (one: unknown) => warned.push(one) } as never,
    find: async () => found,
  });
  await watch.look();
  assert.equal([watch.counts, warned.length], [{}, 0]);
  await watch.look();
  await watch.look();
  assert.equal([watch.counts, warned.length], [{ link: 1 }, 1]);
  found = [];
  await watch.look();
  assert.equal(watch.counts, { link: 0 });
});

test('kinds are counted', () => assert.equal(countByKind(ALL), { link: 2, 'control group': 2, 'firewall table': 1 }));

test.run();
