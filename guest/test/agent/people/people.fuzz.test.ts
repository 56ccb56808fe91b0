import type { ControlEvent } from '#contract/input';
import { fc, fuzz } from '#test/fuzz';
import { assert, suite } from '#test/suite';
import { parseControl } from '../../../src/agent/input/message.ts';
import { People, type PeopleRequest } from '../../../src/agent/people/people.ts';

const test = suite('fuzzed people', { timeoutMs: 120_000 });

const PEERS = ['a_1', 'a_2', 'b_1', 'c_1', 'v_1'];
const peer = fc.constantFrom(...PEERS);
const word = fc.oneof(
  fc.constantFrom('ask', 'release').map((what) => ({ t: 'turn', do: what })),
  fc.record({ t: fc.constant('turn'), do: fc.constantFrom('give', 'refuse', 'take'), to: fc.integer({ min: -1, max: 9 }) }),
  fc.record({ t: fc.constant('name'), name: fc.oneof(fc.string({ maxLength: 50 }), fc.constantFrom('', '\n', '\u202e', 'Bea')) }),
);
const step = fc.oneof(
  { weight: 3, arbitrary: peer.map((who) => ({ who, act: 'add' as const })) },
  { weight: 2, arbitrary: peer.map((who) => ({ who, act: 'remove' as const })) },
  { weight: 8, arbitrary: fc.record({ who: peer, act: fc.constant('say' as const), word }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('one', 'shared').map((policy) => ({ act: 'policy' as const, policy: policy as 'one' | 'shared' })),
  },
);

test('whatever they say, one at most has control, one who may; whoever had it and has it no longer let go', async () => {
  await fuzz(fc.array(step, { maxLength: 40 }), 1_000, async (steps) => {
    const released: string[] = [];
    const told: ControlEvent[] = [];
    const people = new People({ tell: (_, event) => void told.push(event), letGo: (who) => void released.push(who), tellMs: 0 });
    people.policy = 'one';
    const there = new Set<string>();
    let policy: 'one' | 'shared' = 'one';
    const holders = () => [...there].filter((who) => who !== 'v_1' && people.isTurnOf(who));
    for (const one of steps) {
      const before = holders();
      released.length = 0;
      if (one.act === 'add') {
        people.add(one.who, one.who === 'v_1' ? 'view' : 'control');
        there.add(one.who);
      } else if (one.act === 'remove') {
        people.remove(one.who);
        there.delete(one.who);
      } else if (one.act === 'policy') people.policy = policy = one.policy;
      else {
        const request = parseControl(JSON.stringify(one.word));
        if (request?.t === 'turn' || request?.t === 'name') people.handle(one.who, request satisfies PeopleRequest);
      }
      const now = holders();
      if (policy === 'one') assert.ok(now.length <= 1, now.join());
      assert.is(people.isTurnOf('v_1') && policy === 'one', false);
      for (const who of before) if (there.has(who) && !now.includes(who)) assert.ok(released.includes(who), `${who} holds on`);
    }
    people.stop();
  });
});

test.run();
