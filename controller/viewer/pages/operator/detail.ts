import type { Session } from '#contract/session';
import { isOver } from '../../src/session-watch.ts';
import type { OperatorApi } from './api.ts';
import { ConsoleView } from './console-view.ts';
import { make, setText } from './dom.ts';
import { toQualityFacts } from './quality-words.ts';
import { STRINGS } from './strings.ts';
import { drawWaterfall } from './waterfall-view.ts';

type Pair = [name: string, value: string];

/** One session in full. Made when it is chosen, ended when another is. */
export class Detail {
  readonly id: string;
  readonly #life = new AbortController();
  readonly #title = make('h2');
  readonly #status = make('span', { class: 'status' });
  readonly #reason = make('pre', { class: 'reason' });
  readonly #stop = make('button', { class: 'bad' }, STRINGS.stop);
  readonly #phases = make('ol', { class: 'waterfall' });
  readonly #facts = make('dl', { class: 'pairs' });
  readonly #quality = make('dl', { class: 'pairs' });
  readonly #services = make('ul', { class: 'services' });
  readonly #console = new ConsoleView();
  #session: Session;

  constructor(place: HTMLElement, session: Session, api: OperatorApi, onStop: (session: Session) => void) {
    this.id = session.sessionId;
    this.#session = session;
    this.#stop.addEventListener('click', () => onStop(this.#session));
    const head = make('div', { class: 'bar' }, this.#title, this.#status, this.#stop);
    const block = (title: string, content: HTMLElement) => make('section', {}, make('h3', {}, title), content);
    place.replaceChildren(
      head,
      this.#reason,
      block(STRINGS.phases, this.#phases),
      make(
        'div',
        { class: 'pair' },
        block(STRINGS.quality, this.#quality),
        block(STRINGS.services, this.#services),
        block(STRINGS.facts, this.#facts),
      ),
      block(STRINGS.console, this.#console.element),
    );
    this.show(session);
    void api.followConsole(this.id, this.#life.signal, (lines, dropped) => this.#console.add(lines, dropped));
  }

  end(): void {
    this.#life.abort();
  }

  show(session: Session): void {
    this.#session = session;
    setText(this.#title, session.userId);
    setText(this.#status, STRINGS.status[session.status]);
    this.#status.className = `status ${session.status}`;
    setText(this.#reason, session.reason ? `${session.reason.message}\n(${session.reason.code})` : '');
    this.#reason.className = `reason ${session.status}`;
    this.#stop.hidden = isOver(session.status);
    drawPairs(this.#facts, toFacts(session), '');
    drawPairs(this.#quality, toQualityFacts(session.quality ?? {}), isOver(session.status) ? STRINGS.goneQuality : STRINGS.noQuality);
    this.#services.replaceChildren(...toServices(session));
    drawWaterfall(this.#phases, session, Date.now());
  }

  /** What changes by itself: a session that is there or over stands still. */
  tick(now: number): void {
    const { status } = this.#session;
    if (status === 'pending' || status === 'vm_creating') drawWaterfall(this.#phases, this.#session, now);
  }

  /** It takes some seconds, and pressing again does no more. */
  setStopping(isStopping: boolean): void {
    this.#stop.disabled = isStopping;
    setText(this.#stop, isStopping ? STRINGS.stopping : STRINGS.stop);
  }
}

function toFacts({ sessionId, machine, image, display, createdAt, marks }: Session): Pair[] {
  const marked = Object.entries(marks).sort(([, a], [, b]) => a - b);
  return [
    ['Id', sessionId],
    ['Machine', machine ? `${machine.machineId}, ${machine.driver} (${machine.isolation})` : 'none yet'],
    ['Image', image?.slice(0, 12) ?? 'not known yet'],
    ['Display', `${display.width} × ${display.height}`],
    ['Asked for', new Date(createdAt).toLocaleString()],
    ...(marked.length > 0
      ? ([['After boot', marked.map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`).join(', ')]] as Pair[])
      : []),
  ];
}

function drawPairs(list: HTMLElement, pairs: readonly Pair[], empty: string): void {
  const rows = pairs.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)));
  list.replaceChildren(...(rows.length > 0 ? rows : [make('p', { class: 'empty' }, empty)]));
}

function toServices({ services }: Session): HTMLElement[] {
  if (services.length === 0) return [make('li', { class: 'empty' }, STRINGS.noServices)];
  return services.map(({ name, state, restarts, reason }) => {
    const words = `${state}${restarts > 0 ? `, ${restarts} restarts` : ''}`;
    return make('li', { class: state }, make('b', {}, name), ` ${words}`, reason !== undefined && make('small', {}, reason));
  });
}
