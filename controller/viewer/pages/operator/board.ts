import type { Session } from '#contract/session';
import type { OperatorApi } from './api.ts';
import { confirmStop } from './confirm.ts';
import { Detail } from './detail.ts';
import { find, make, setText } from './dom.ts';
import { drawHost } from './host-view.ts';
import { Rows } from './rows.ts';
import { KnownSessions } from './sessions.ts';
import { STRINGS } from './strings.ts';

/** How often what has no event of its own is looked at. */
const TICK_MS = 500;
const READ_EVERY = 6;
/** Sessions on their way that are followed phase by phase, the others by their events. */
const FOLLOWED = 20;
const LISTED = 1000;
const ENDED = 200;
const AGAIN_MS = 2000;

/** The page once the key is good: list, detail, host, and the stream of events that keeps them true. */
export class Board {
  readonly #api: OperatorApi;
  readonly #life = new AbortController();
  readonly #place = find('#detail');
  readonly #rows = new Rows(find('#rows'), (id) => this.#choose(id));
  readonly #sessions: KnownSessions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  #detail: Detail | undefined;

  constructor(api: OperatorApi) {
    this.#api = api;
    this.#sessions = new KnownSessions(
      api,
      (session) => this.#show(session),
      (id) => this.#forget(id),
    );
  }

  start(): void {
    const { signal } = this.#life;
    find('#find').addEventListener('input', ({ target }) => this.#find((target as HTMLInputElement).value), { signal });
    find('#ended').addEventListener('change', () => void this.#load(), { signal });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#place.replaceChildren(make('p', { class: 'empty' }, STRINGS.choose));
    this.#find(find<HTMLInputElement>('#find').value);
    void this.#readHost();
    void this.#follow();
  }

  stop(): void {
    this.#life.abort();
    clearInterval(this.#timer);
    this.#detail?.end();
    find('#rows').replaceChildren();
    this.#place.replaceChildren();
  }

  /** The list once, then what happens after it. */
  async #follow(): Promise<void> {
    const { signal } = this.#life;
    const lastId = await this.#load();
    if (signal.aborted) return;
    if (lastId === undefined) return void setTimeout(() => void this.#follow(), AGAIN_MS);
    await this.#api.followEvents(lastId, signal, ({ sessionId }) => this.#sessions.want(sessionId), showLink);
  }

  /** The number of the last event that the list has; undefined when it could not be read. */
  async #load(): Promise<number | undefined> {
    try {
      const { sessions: open, lastEventId } = await this.#api.list('open', LISTED);
      const ended = find<HTMLInputElement>('#ended').checked ? (await this.#api.list('all', ENDED)).sessions : [];
      for (const session of [...ended, ...open]) this.#sessions.take(session);
      return lastEventId;
    } catch {
      showLink(false);
      return undefined;
    }
  }

  #show(session: Session): void {
    if (this.#life.signal.aborted) return;
    this.#rows.put(session, Date.now());
    if (this.#detail?.id === session.sessionId) this.#detail.show(session);
    this.#tell();
  }

  #forget(id: string): void {
    this.#rows.remove(id);
    this.#tell();
  }

  #find(text: string): void {
    this.#rows.find(text);
    this.#tell();
  }

  #choose(id: string): void {
    const session = this.#sessions.get(id);
    if (!session || this.#detail?.id === id) return;
    this.#detail?.end();
    this.#detail = new Detail(this.#place, session, this.#api, (one) => void this.#stop(one));
    this.#rows.choose(id);
    this.#sessions.want(id);
  }

  async #stop(session: Session): Promise<void> {
    const detail = this.#detail;
    if (!(await confirmStop(session))) return;
    detail?.setStopping(true);
    await this.#api.stop(session.sessionId).catch((error: Error) => setText(find('#problems'), error.message));
    detail?.setStopping(false);
    this.#sessions.want(session.sessionId);
  }

  #tick(): void {
    const now = Date.now();
    this.#rows.tick(now);
    this.#detail?.tick(now);
    for (const id of this.#sessions.starting.slice(0, FOLLOWED)) this.#sessions.want(id);
    this.#ticks += 1;
    if (this.#ticks % READ_EVERY > 0) return;
    if (this.#detail) this.#sessions.want(this.#detail.id);
    void this.#readHost();
  }

  async #readHost(): Promise<void> {
    const host = await this.#api.host().catch(() => undefined);
    if (host && !this.#life.signal.aborted) drawHost(find('#host'), find('#problems'), host);
  }

  #tell(): void {
    const { count, found } = this.#rows;
    setText(find('#empty'), count === 0 ? STRINGS.noSessions : found === 0 ? STRINGS.noneFound : '');
    setText(find('#list-title'), count === 0 ? 'Sessions' : `Sessions (${found})`);
  }
}

function showLink(isOpen: boolean): void {
  const link = find('#link');
  setText(link, isOpen ? STRINGS.live : STRINGS.away);
  link.classList.toggle('away', !isOpen);
}
