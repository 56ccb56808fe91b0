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
const CHOSEN_EVERY = 6;
const HOST_EVERY = 6;
const LISTED = 1000;
const ENDED = 200;

/** The page once the key is good, until `signal` aborts: list, detail, host, and the stream of events that keeps them true. */
export function openBoard(api: OperatorApi, signal: AbortSignal): void {
  let detail: Detail | undefined;
  const place = find('#detail');
  const ended = find<HTMLInputElement>('#ended');
  const rows = new Rows(find('#rows'), choose);
  const sessions = new KnownSessions(api, show, (id) => (rows.remove(id), tell()));
  const timer = setInterval(tick, TICK_MS);
  let ticks = 0;

  find('#find').addEventListener('input', ({ target }) => (rows.find((target as HTMLInputElement).value), tell()), { signal });
  ended.addEventListener('change', () => void load(), { signal });
  signal.addEventListener('abort', end, { once: true });
  place.replaceChildren(make('p', { class: 'empty' }, STRINGS.choose));
  tell();
  void start();

  async function start(): Promise<void> {
    const lastId = await load();
    if (lastId === undefined) return void setTimeout(() => !signal.aborted && void start(), 2000);
    void readHost();
    await api.followEvents(lastId, signal, ({ sessionId }) => sessions.want(sessionId), showLink);
  }

  /** The number of the last event that the list has; undefined when it could not be read. */
  async function load(): Promise<number | undefined> {
    try {
      const { sessions: open, lastEventId } = await api.list('open', LISTED);
      const old = ended.checked ? (await api.list('all', ENDED)).sessions : [];
      for (const session of [...old, ...open]) sessions.take(session);
      return lastEventId;
    } catch {
      showLink(false);
      return undefined;
    }
  }

  function show(session: Session): void {
    rows.put(session, Date.now());
    if (detail?.id === session.sessionId) detail.show(session);
    tell();
  }

  function choose(id: string): void {
    const session = sessions.get(id);
    if (!session || detail?.id === id) return;
    detail?.end();
    detail = new Detail(place, session, api, (one) => void stop(one));
    rows.choose(id);
    sessions.want(id);
  }

  async function stop(session: Session): Promise<void> {
    if (!(await confirmStop(session))) return;
    const shown = detail;
    shown?.setStopping(true);
    await api.stop(session.sessionId).catch((error: Error) => setText(find('#problems'), error.message));
    shown?.setStopping(false);
    sessions.want(session.sessionId);
  }

  function tick(): void {
    ticks += 1;
    const now = Date.now();
    rows.tick(now);
    detail?.tick(now);
    for (const id of sessions.starting.slice(0, 20)) sessions.want(id);
    if (detail && ticks % CHOSEN_EVERY === 0) sessions.want(detail.id);
    if (ticks % HOST_EVERY === 0) void readHost();
  }

  async function readHost(): Promise<void> {
    const host = await api.host().catch(() => undefined);
    if (host && !signal.aborted) drawHost(find('#host'), find('#problems'), host);
  }

  function tell(): void {
    setText(find('#empty'), rows.count === 0 ? STRINGS.noSessions : rows.found === 0 ? STRINGS.noneFound : '');
    setText(find('#list-title'), rows.count === 0 ? 'Sessions' : `Sessions (${rows.found})`);
  }

  function end(): void {
    clearInterval(timer);
    detail?.end();
    find('#rows').replaceChildren();
    place.replaceChildren();
  }
}

function showLink(isOpen: boolean): void {
  const link = find('#link');
  setText(link, isOpen ? STRINGS.live : STRINGS.away);
  link.classList.toggle('away', !isOpen);
}
