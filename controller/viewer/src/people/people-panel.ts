import type { ControlRequest } from '#contract/input';
import { build, setText, type Shell } from '../shell.ts';
import { STRINGS } from '../strings.ts';
import { toSaid, type PeopleEvent } from './people.ts';
import { PersonRow } from './person-row.ts';

const WORDS = STRINGS.people;
type Turn = Extract<ControlRequest, { t: 'turn' }>;

/** Who looks at the desktop, and whose turn it is: a button with their number, a panel with their names and what can be done about it. */
export class PeoplePanel {
  readonly #button = build('button', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'people', hidden: '' });
  readonly #list = build('ul');
  readonly #ask = build('button', { type: 'button' }, WORDS.ask);
  readonly #release = build('button', { type: 'button' }, WORDS.release);
  readonly #said = build('p');
  /** For screen readers, also while the panel is closed. */
  readonly #spoken = build('p', { class: 'unseen', role: 'status' });
  readonly #rows = new Map<number, PersonRow>();
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
    stage.append(this.#element, this.#spoken);
    signal.addEventListener('abort', () => [this.#button, this.#element, this.#spoken].forEach((one) => one.remove()), { once: true });
  }

  /** Undefined: the connection that told of them is gone. */
  show(event: PeopleEvent | undefined): void {
    const said = event && toSaid(this.#event, event);
    this.#event = event;
    this.#button.hidden = !event;
    if (!event) return this.#toggle(false);
    if (said) [this.#said, this.#spoken].forEach((one) => setText(one, said.text));
    // A wish is answered in the panel, and whoever loses or gets the desktop wants to know.
    this.#button.toggleAttribute('data-news', !!said?.isNews && !!this.#element.hidden);
    setText(this.#button, WORDS.title(event.people.length));
    const me = event.people.find(({ isYou }) => isYou);
    const takesTurns = event.policy === 'one' && me?.role === 'control';
    this.#ask.hidden = !takesTurns || me.hasControl || me.isAsking;
    this.#release.hidden = !takesTurns || !me.hasControl || event.people.length === 1;
    this.#renderRows(event, takesTurns && me.hasControl);
  }

  /** In place: a button that is about to be pressed stays where it is, whatever the others do meanwhile. */
  #renderRows({ people, policy }: PeopleEvent, mayGive: boolean): void {
    const ids = people.map(({ id }) => id);
    for (const id of [...this.#rows.keys()].filter((one) => !ids.includes(one))) {
      this.#rows.get(id)!.element.remove();
      this.#rows.delete(id);
    }
    for (const person of people) {
      const row = this.#rows.get(person.id) ?? this.#addRow(person.id);
      row.render(person, policy, mayGive);
    }
  }

  #addRow(id: number): PersonRow {
    const row = new PersonRow((what) => this.#send({ t: 'turn', do: what, to: id }));
    this.#rows.set(id, row);
    this.#list.append(row.element);
    return row;
  }

  #toggle(isOpen: boolean): void {
    if (isOpen !== this.#element.hidden) return;
    this.#element.hidden = !isOpen;
    this.#button.setAttribute('aria-expanded', String(isOpen));
    this.#button.removeAttribute('data-news');
  }
}
