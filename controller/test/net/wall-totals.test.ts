import { assert, suite } from '#test/suite';
import { toSlot } from '../../src/net/slot.ts';
import { parseCounters, WallTotals, type WallCounts } from '../../src/net/wall-totals.ts';

const test = suite('net: totals of the walls');

const NONE = parseCounters('{"nftables": [{"counter": {"name": "refused_tcp", "packets": 0}}]}')!;

/** Walls as they stand on a host, by slot. */
function stand(walls: Map<number, Partial<WallCounts> | undefined>) {
  const logged: object[] = [];
  const asked: string[] = [];
  const totals = new WallTotals({
    instance: 'oriel',
    log: { info: (fields: object) => void logged.push(fields) } as never,
    list: async () => [...walls.keys()],
    read: async (namespaces) => {
      asked.push(...namespaces);
      return namespaces.map((name) => {
        const counts = walls.get(Number(/\d+$/.exec(name)![0]));
        return counts && { ...NONE, ...counts };
      });
    },
  });
  return { totals, logged, asked };
}

test('counters are read from what nft tells; of a wall that has none of ours nothing is told', () => {
  const text = `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"counter": {"family": "inet", "name": "refused_udp", "table": "clone", "packets": 3, "bytes": 90}}, {"counter": {"name": "theirs", "packets": 9}}]}`;
  assert.equal(parseCounters(text), { ...NONE, udp: 3 });
  assert.is(parseCounters(''), undefined);
  assert.is(parseCounters('{"nftables": [{"metainfo": {}}]}'), undefined);
});

test('the total is that of all walls, of those that are gone as well, also when another clone has the slot by now', async () => {
  const walls = new Map<number, Partial<WallCounts> | undefined>([
    [0, { tcp: 5 }],
    [1, { udp: 7 }],
    [2, undefined],
  ]);
  const { totals, logged } = stand(walls);
  assert.equal(await totals.read(), { ...NONE, tcp: 5, udp: 7 });
  walls.set(0, { tcp: 6 });
  await totals.close(toSlot('oriel', 0));
  walls.delete(0);
  assert.equal(logged, [{ slot: 0, refused: { tcp: 6 } }]);
  assert.equal(await totals.read(), { ...NONE, tcp: 6, udp: 7 });
  walls.set(1, { udp: 1 });
  assert.equal(await totals.read(), { ...NONE, tcp: 6, udp: 8 }, 'it began anew');
  walls.delete(1);
  assert.equal(await totals.read(), { ...NONE, tcp: 6, udp: 8 }, 'it went without a word');
});

test('a round reads some of the walls, those first that were read longest ago', async () => {
  const { totals, asked } = stand(new Map(Array.from({ length: 40 }, (_, slot) => [slot, { tcp: 1 }])));
  const seen: (number | undefined)[] = [];
  for (let round = 0; round < 3; round++) seen.push((await totals.read()).tcp);
  assert.equal(seen, [16, 32, 40]);
  assert.is(new Set(asked).size, 40);
  assert.is(asked.length, 48);
});

test('one that cannot be read is closed all the same', async () => {
  const read = async () => Promise.reject(new Error('no room for a process'));
  const totals = new WallTotals({ instance: 'oriel', log: { info: () => undefined } as never, list: async () => [], read });
  await totals.close(toSlot('oriel', 0));
  assert.equal(await totals.read(), NONE);
});

test.run();
