import type { Person } from '#contract/input';
import { assert, suite } from '#test/suite';
import { toSaid, type PeopleEvent } from '../../src/people/people.ts';

const test = suite('what is said of people');

const person = (id: number, more: Partial<Person> = {}): Person => ({
  id,
  role: 'control',
  isYou: id === 1,
  hasControl: false,
  isAsking: false,
  ...more,
});
const event = (...people: Person[]): PeopleEvent => ({ t: 'people', policy: 'one', people });
const mine = event(person(1, { hasControl: true }), person(2, { name: 'Bea' }));
const hers = event(person(1), person(2, { name: 'Bea', hasControl: true }));

test('to get and to lose control is said, and who has it then', () => {
  assert.equal(toSaid(hers, mine), { text: 'You have control.', isNews: true });
  assert.equal(toSaid(mine, hers), { text: 'Bea has control now.', isNews: true });
  assert.is(toSaid(mine, mine), undefined);
});

test('a wish is said once to the one who can grant it', () => {
  const wished = event(person(1, { hasControl: true }), person(2, { isAsking: true }));
  assert.equal(toSaid(mine, wished), { text: 'Viewer 2 asks for control.', isNews: true });
  assert.is(toSaid(wished, wished), undefined);
  assert.is(toSaid(hers, event(person(1), person(2, { hasControl: true }), person(3, { isAsking: true }))), undefined);
});

test('what becomes of one’s own wish is said', () => {
  const asking = event(person(1, { isAsking: true }), person(2, { hasControl: true }));
  assert.match(toSaid(hers, asking)!.text, /15 seconds/);
  assert.equal(toSaid(asking, hers), { text: 'You were refused control.', isNews: true });
  assert.equal(toSaid(asking, mine), { text: 'You have control.', isNews: true });
});

test('nothing is said at first, nor where nobody takes turns', () => {
  assert.is(toSaid(undefined, mine), undefined);
  assert.is(toSaid({ ...hers, policy: 'shared' }, { ...mine, policy: 'shared' }), undefined);
});

test.run();
