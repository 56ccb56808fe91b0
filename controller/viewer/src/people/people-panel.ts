import type { ControlRequest, Person } from '#contract/input';
import { build, setText, type Shell } from '../shell.ts';
import { STRINGS } from '../strings.ts';
import { toName, toSaid, type PeopleEvent } from './people.ts';

const WORDS = STRINGS.people;
type Turn = Extract<ControlRequest, { t: 'turn' }>;

/** Who looks at the desktop, and whose turn it is: a button with their number, a panel with their names and what can be done about it. */
export class PeoplePanel {
  readonly #button = build('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'people', hidden: '' });
  readonly #list = build('ul');
  readonly #ask = build('button', { type: 'button' }, WORDS.ask);
  readonly #release = build('button', { type: 'button' }, WORDS.release);
  readonly #said = build('p', { role: 'status' });
  readonly #element = build(
    'section',
    { class: 'panel people', id: 'people', role: 'dialog', 'aria-label': WORDS.of, hidden: '' },
    ...[this.#list, build('div', { class: 'row' }, this.#ask, this.#release), this.#said],
  );
  readonly #send: (turn: Turn) => void;
  #event: PeopleEvent | undefined;

  constructor(send: (turn: Turn) => void) {
    this.#send = send;
  }

  attach({ minimiseButton, stage }: Shell, signal: AbortSignal): void {
    this.#button.addEventListener('click', () => this.#toggle(!!this.#element.hidden), { signal });
    this.#ask.addEventListener('click', () => this.#send({ t: 'turn', do: 'ask' }), { signal });
    this.#release.addEventListener('click', () => this.#send({ t: 'turn', do: 'release' }), { signal });
    this.#element.addEventListener('keydown', (event) => event.key === 'Escape' && this.#toggle(false), { signal });
    minimiseButton.before(this.#button);
    stage.append(this.#element);
    signal.addEventListener('abort', () => [this.#button, this.#element].forEach((one) => one.remove()), { once: true });
  }

  /** Undefined: the connection that told of them is gone. */
  show(event: PeopleEvent | undefined): void {
    const said = event && toSaid(this.#event, event);
    this.#event = event;
    this.#button.hidden = !event;
    if (!event) return this.#toggle(false);
    if (said) setText(this.#said, said.text);
    // A wish is answered in the panel, and whoever loses or gets the desktop wants to know.
    this.#button.toggleAttribute('data-news', !!said?.isNews && !!this.#element.hidden);
    setText(this.#button, WORDS.title(event.people.length));
    const me = event.people.find(({ isYou }) => isYou);
    const takesTurns = event.policy === 'one' && me?.role === 'control';
    this.#ask.hidden = !takesTurns || me.hasControl || me.isAsking;
    this.#release.hidden = !takesTurns || !me.hasControl || event.people.length === 1;
    this.#list.replaceChildren(...event.people.map((person) => this.#toItem(person, takesTurns && me.hasControl, event)));
  }

  #toItem(person: Person, mayGive: boolean, { policy }: PeopleEvent): HTMLElement {
    const name = toName(person);
    const item = build(
      'li',
      {},
      build('span', {}, person.isYou ? WORDS.you(name) : name),
      build('span', { class: 'what' }, toWhat(person, policy)),
    );
    if (!mayGive || person.isYou || person.role !== 'control') return item;
    const act = (what: 'give' | 'refuse', label: string, text: string) => {
      const button = build('button', { type: 'button', 'aria-label': label }, text);
      button.addEventListener('click', () => this.#send({ t: 'turn', do: what, to: person.id }));
      return button;
    };
    item.append(act('give', WORDS.giveTo(name), WORDS.give));
    if (person.isAsking) item.append(act('refuse', WORDS.refuseTo(name), WORDS.refuse));
    return item;
  }

  #toggle(isOpen: boolean): void {
    if (isOpen !== this.#element.hidden) return;
    this.#element.hidden = !isOpen;
    this.#button.setAttribute('aria-expanded', String(isOpen));
    this.#button.removeAttribute('data-news');
  }
}

function toWhat({ role, hasControl, isAsking }: Person, policy: PeopleEvent['policy']): string {
  if (role === 'view') return WORDS.looks;
  if (policy === 'shared') return '';
  return hasControl ? WORDS.has : isAsking ? WORDS.asks : '';
}
