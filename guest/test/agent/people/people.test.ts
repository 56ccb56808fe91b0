import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlEvent, Person } from '#contract/input';
import { assert, suite } from '#test/suite';
import { People } from '../../../src/agent/people/people.ts';

const test = suite('people');

type Told = Extract<ControlEvent, { t: 'people' }>;

function start() {
  const told = new Map<string, Told>();
  const released: string[] = [];
  let tellings = 0;
  const people = new People({
    tell(peer, event) {
      tellings += 1;
      told.set(peer, event as Told);
    },
    letGo: (peer) => void released.push(peer),
    tellMs: 1,
  });
  people.policy = 'one';
  const see = async (peer: string, pick: (person: Person) => unknown) => {
    await sleep(10);
    return told.get(peer)!.people.map(pick);
  };
  return { people, released, see, told, tellings: () => tellings };
}

test('each is told of all, in the order in which they came, and which one it is', async () => {
  const { people, see, tellings } = start();
  people.add('a_1', 'control');
  people.add('b_1', 'view');
  people.add('b_1', 'view');
  people.handle('b_1', { t: 'name', name: 'Bea' });
  assert.equal(await see('b_1', ({ id, name, role, isYou, hasControl }) => [id, name, role, isYou, hasControl]), [
    [1, undefined, 'control', false, true],
    [2, 'Bea', 'view', true, false],
  ]);
  assert.equal(await see('a_1', ({ isYou }) => isYou), [true, false]);
  assert.is(tellings(), 2, 'once each for all that came at a time');
  people.remove('a_1');
  assert.equal(await see('b_1', ({ id }) => id), [2]);
  people.stop();
});

test('who may only look is never given control, and cannot ask for it', async () => {
  const { people, see } = start();
  people.add('v_1', 'view');
  people.add('a_1', 'control');
  assert.not.ok(people.handle('v_1', { t: 'turn', do: 'ask' }));
  assert.not.ok(people.handle('a_1', { t: 'turn', do: 'give', to: 1 }));
  assert.equal(await see('a_1', ({ hasControl }) => hasControl), [false, true]);
  people.stop();
});

test('control goes from one to the other by what they say, and what the first holds is let go', async () => {
  const { people, see, released } = start();
  people.add('a_1', 'control');
  people.add('b_1', 'control');
  assert.ok(people.handle('b_1', { t: 'turn', do: 'ask' }));
  assert.equal(await see('a_1', ({ isAsking }) => isAsking), [false, true]);
  assert.not.ok(people.handle('b_1', { t: 'turn', do: 'give', to: 2 }));
  assert.not.ok(people.handle('a_1', { t: 'turn', do: 'give', to: 9 }));
  assert.ok(people.handle('a_1', { t: 'turn', do: 'give', to: 2 }));
  assert.equal([people.isTurnOf('a_1'), people.isTurnOf('b_1'), released], [false, true, ['a_1']]);
  assert.ok(people.handle('b_1', { t: 'turn', do: 'release' }));
  assert.ok(people.isTurnOf('a_1'));
  assert.not.ok(people.handle('nobody', { t: 'turn', do: 'ask' }));
  people.stop();
});

test('a page that is loaded anew has what the one before had', () => {
  const { people } = start();
  people.add('a_1', 'control');
  people.add('b_1', 'control');
  people.remove('a_1');
  assert.not.ok(people.isTurnOf('b_1'));
  people.add('a_2', 'control');
  assert.ok(people.isTurnOf('a_2'));
  people.stop();
});

test('shared, everybody who may use the desktop has control', async () => {
  const { people, see, told } = start();
  people.policy = 'shared';
  people.add('a_1', 'control');
  people.add('b_1', 'control');
  people.add('v_1', 'view');
  assert.equal(await see('v_1', ({ hasControl }) => hasControl), [true, true, false]);
  assert.is(told.get('v_1')!.policy, 'shared');
  people.stop();
});

test.run();
