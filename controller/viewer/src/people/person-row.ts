import type { Person } from '#contract/input';
import { build, setText } from '../shell.ts';
import { STRINGS } from '../strings.ts';
import { toName, type PeopleEvent } from './people.ts';

const WORDS = STRINGS.people;

/** One of the people, and what the one who has control can do for it. */
export class PersonRow {
  readonly #name = build('span');
  readonly #what = build('span', { class: 'what' });
  readonly #give = build('button', { type: 'button', hidden: '' }, WORDS.give);
  readonly #refuse = build('button', { type: 'button', hidden: '' }, WORDS.refuse);
  readonly element = build('li', {}, this.#name, this.#what, this.#give, this.#refuse);

  constructor(answer: (what: 'give' | 'refuse') => void) {
    this.#give.addEventListener('click', () => answer('give'));
    this.#refuse.addEventListener('click', () => answer('refuse'));
  }

  render(person: Person, policy: PeopleEvent['policy'], mayGive: boolean): void {
    const name = toName(person);
    setText(this.#name, person.isYou ? WORDS.you(name) : name);
    setText(this.#what, toWhat(person, policy));
    this.#give.setAttribute('aria-label', WORDS.giveTo(name));
    this.#refuse.setAttribute('aria-label', WORDS.refuseTo(name));
    this.#give.hidden = !mayGive || person.isYou || person.role !== 'control';
    this.#refuse.hidden = this.#give.hidden || !person.isAsking;
  }
}

function toWhat({ role, hasControl, isAsking }: Person, policy: PeopleEvent['policy']): string {
  if (role === 'view') return WORDS.looks;
  if (policy === 'shared') return '';
  return hasControl ? WORDS.has : isAsking ? WORDS.asks : '';
}
