import type { Session } from '#contract/session';
import { isOver } from '../../src/session-watch.ts';
import { make, setText } from './dom.ts';
import { STRINGS } from './strings.ts';
import { drawStrip } from './waterfall-view.ts';
import { toAge } from './words.ts';

interface Row {
  element: HTMLTableRowElement;
  button: HTMLButtonElement;
  status: HTMLElement;
  strip: HTMLElement;
  age: HTMLElement;
  session: Session;
}

/** The list. A row is made once and changed where its session did: hundreds of them stay light. */
export class Rows {
  readonly #body: HTMLElement;
  readonly #onChoose: (id: string) => void;
  readonly #rows = new Map<string, Row>();
  #chosen: string | undefined;
  #wanted = '';

  constructor(body: HTMLElement, onChoose: (id: string) => void) {
    this.#body = body;
    this.#onChoose = onChoose;
    body.addEventListener('keydown', (event) => this.#onKey(event));
  }

  get count(): number {
    return this.#rows.size;
  }

  /** Rows that are shown. */
  get found(): number {
    return [...this.#rows.values()].filter(({ element }) => !element.hidden).length;
  }

  /** A session as it is now; a new one comes on top. */
  put(session: Session, now: number): void {
    const known = this.#rows.get(session.sessionId);
    const row = known ?? this.#make(session);
    row.session = session;
    if (!known) this.#insert(row);
    this.#draw(row, now);
  }

  remove(id: string): void {
    this.#rows.get(id)?.element.remove();
    this.#rows.delete(id);
  }

  /** What changes by itself. */
  tick(now: number): void {
    for (const row of this.#rows.values()) {
      setText(row.age, toAge(now - Date.parse(row.session.createdAt)));
      if (row.session.status === 'pending' || row.session.status === 'vm_creating') drawStrip(row.strip, row.session, now);
    }
  }

  choose(id: string | undefined): void {
    this.#chosen = id;
    for (const [key, { button, element }] of this.#rows) {
      button.setAttribute('aria-pressed', String(key === id));
      element.classList.toggle('chosen', key === id);
    }
  }

  /** Shows only rows that have this text. */
  find(text: string): void {
    this.#wanted = text.trim().toLowerCase();
    for (const row of this.#rows.values()) this.#filter(row);
  }

  #make(session: Session): Row {
    const button = make('button', { class: 'id', 'aria-pressed': 'false' }, session.sessionId.slice(0, 10));
    button.title = session.sessionId;
    button.dataset.session = session.sessionId;
    const [status, strip, age] = [make('span', { class: 'status' }), make('div', { class: 'strip' }), make('td', { class: 'number' })];
    const cells = [make('td', {}, button), make('td', { class: 'user' }, session.userId), make('td', {}, status)];
    const element = make('tr', {}, ...cells, make('td', { class: 'wide' }, strip), age);
    element.addEventListener('click', () => this.#onChoose(session.sessionId));
    return { element, button, status, strip, age, session };
  }

  /** The newest first. */
  #insert(row: Row): void {
    const after = [...this.#rows.values()].find(({ session }) => session.createdAt < row.session.createdAt);
    this.#body.insertBefore(row.element, after?.element ?? null);
    const all = [...this.#rows, [row.session.sessionId, row] as const];
    all.sort(([, a], [, b]) => (a.session.createdAt < b.session.createdAt ? 1 : -1));
    this.#rows.clear();
    for (const [id, one] of all) this.#rows.set(id, one);
  }

  #draw(row: Row, now: number): void {
    const { session, element, status, strip, age } = row;
    setText(status, STRINGS.status[session.status]);
    status.className = `status ${session.status}`;
    element.classList.toggle('over', isOver(session.status));
    element.classList.toggle('chosen', session.sessionId === this.#chosen);
    drawStrip(strip, session, now);
    setText(age, toAge(now - Date.parse(session.createdAt)));
    this.#filter(row);
  }

  #filter({ element, session: { sessionId, userId, status } }: Row): void {
    element.hidden = !`${sessionId} ${userId} ${STRINGS.status[status]}`.toLowerCase().includes(this.#wanted);
  }

  /** Up and down go from row to row; each is a button, which Enter presses. */
  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    const buttons = [...this.#rows.values()].filter(({ element }) => !element.hidden).map(({ button }) => button);
    const at = buttons.findIndex((button) => button === document.activeElement);
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, at + step))]?.focus();
  }
}
