import { setTimeout as sleep } from 'node:timers/promises';
import { assert, suite } from '#test/suite';
import { Turns } from '../../../src/agent/people/turns.ts';

const test = suite('turns');

function start(...people: string[]) {
  const gone: string[] = [];
  let changes = 0;
  const turns = new Turns({ onGone: (from) => void gone.push(from), onChange: () => void (changes += 1), askMs: 40, graceMs: 20 });
  turns.policy = 'one';
  for (const peer of people) turns.join(peer, `v-${peer}`);
  const holder = () => ['a', 'b', 'c'].filter((peer) => turns.isTurnOf(peer)).join('');
  return { turns, gone, holder, changes: () => changes };
}

test('shared, it is everybody’s turn, and nobody has to ask', () => {
  const { turns } = start('a', 'b');
  turns.policy = 'shared';
  assert.ok(turns.isTurnOf('a') && turns.isTurnOf('b'));
  assert.not.ok(turns.ask('b'));
});

test('one at a time: the first has it, whoever comes later does not', () => {
  assert.is(start('a', 'b', 'c').holder(), 'a');
});

test('who asks gets it from the holder, who lets go of what is held', () => {
  const { turns, holder, gone } = start('a', 'b', 'c');
  assert.ok(turns.ask('b'));
  assert.ok(turns.isAsking('b'));
  assert.not.ok(turns.give('c', 'b'), 'only the holder gives');
  assert.not.ok(turns.give('a', 'x'));
  assert.ok(turns.give('a', 'b'));
  assert.equal([holder(), gone, turns.isAsking('b')], ['b', ['a'], false]);
  turns.stop();
});

test('a wish that is not answered is granted; one that is refused is not', async () => {
  const { turns, holder } = start('a', 'b', 'c');
  turns.ask('b');
  turns.ask('c');
  assert.ok(turns.refuse('a', 'c'));
  assert.not.ok(turns.refuse('b', 'c'));
  await sleep(20);
  assert.is(holder(), 'a');
  await sleep(60);
  assert.is(holder(), 'b');
  turns.stop();
});

test('whoever is given control has as long to answer the next one', async () => {
  const { turns, holder } = start('a', 'b', 'c');
  turns.ask('b');
  await sleep(30);
  turns.ask('c');
  turns.give('a', 'b');
  await sleep(25);
  assert.is(holder(), 'b');
  await sleep(40);
  assert.is(holder(), 'c');
  turns.stop();
});

test('who was refused cannot ask again at once', async () => {
  const { turns } = start('a', 'b');
  turns.ask('b');
  turns.refuse('a', 'b');
  assert.not.ok(turns.ask('b'));
  await sleep(60);
  assert.ok(turns.ask('b'));
  turns.stop();
});

test('whoever reloads has it back; whoever stays away loses it to who asked, else to who came first', async () => {
  const { turns, holder } = start('a', 'b', 'c');
  turns.leave('a');
  assert.is(holder(), '', 'nobody’s for a moment');
  turns.join('a2', 'v-a');
  assert.ok(turns.isTurnOf('a2'));
  turns.ask('c');
  turns.leave('a2');
  await sleep(35);
  assert.is(holder(), 'c');
  turns.leave('c');
  await sleep(35);
  assert.is(holder(), 'b');
  turns.leave('b');
  await sleep(35);
  turns.join('c', 'v-c');
  assert.is(holder(), 'c', 'when nobody was left, it is the next one’s who comes');
  turns.stop();
});

test('another page of the same person goes on at once', () => {
  const { turns } = start();
  turns.join('a1', 'v-a');
  turns.join('b', 'v-b');
  turns.join('a2', 'v-a');
  turns.leave('a1');
  assert.ok(turns.isTurnOf('a2'));
  turns.stop();
});

test('who releases it gives it to the next; alone, it stays as it is', () => {
  const { turns, holder, gone } = start('a', 'b');
  assert.not.ok(turns.release('b'));
  assert.ok(turns.release('a'));
  assert.equal([holder(), gone], ['b', ['a']]);
  const alone = start('a');
  assert.ok(alone.turns.release('a'));
  assert.is(alone.holder(), 'a');
});

test('another policy of the controller holds from then on', () => {
  const { turns, holder, changes, gone } = start('a', 'b');
  turns.ask('b');
  turns.policy = 'shared';
  assert.ok(turns.isTurnOf('a') && turns.isTurnOf('b') && !turns.isAsking('b'));
  const before = changes();
  turns.policy = 'one';
  assert.equal([holder(), gone], ['a', ['b']], 'who had it like the others lets go of what is held');
  assert.ok(changes() > before);
  turns.stop();
});

test.run();
