import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import type { Session, StartBody } from '#contract/session';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { toSlot } from '../net/slot.ts';
import { until } from '../signal/bell.ts';
import type { Store } from '../store/store.ts';
import { bringUp } from './bring-up.ts';
import { readConsoleLines } from './console.ts';
import { startDeadlines, type Deadlines } from './deadlines.ts';
import { Closing, HostFull, IdempotencyKeyReused, SessionFailure, SessionNotReady, SessionOver } from './errors.ts';
import { followConsole, type ConsoleNews, type ConsoleStart } from './follow-console.ts';
import { newSessionId } from './ids.ts';
import { createLedger, type Ledger, type Observer, type Reason } from './ledger.ts';
import { LastWords } from './last-words.ts';
import { LiveSession } from './live-session.ts';
import type { Machinery } from './machinery.ts';
import { toFailure } from './reason.ts';
import { checkRoom } from './room.ts';
import { pickSlot } from './slots.ts';
import type { FinalStatus } from './transitions.ts';
import { toVersions, waitForChange } from './watch.ts';

export interface SessionsDeps {
  config: Config;
  store: Store;
  machinery: Machinery;
  log: Logger;
  observer?: Observer;
  /** Room for what a session writes, MiB; as much as one wants without. */
  readFreeMib?: () => number;
  /** File descriptors that the controller may still open; the same. */
  readFreeDescriptors?: () => number;
}

interface Entry {
  live: LiveSession;
  deadlines: Deadlines;
  /** Settles when everything of the session is taken down. Never rejects. */
  gone: Promise<void>;
  failed: boolean;
  /** Aborts when the machine of a session that failed need not be left any longer. */
  leave: AbortController;
}

/** All sessions: those with a machine in memory, the others in the store. */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #ledger: Ledger;
  readonly #lastWords: LastWords;
  readonly #entries = new Map<string, Entry>();
  #closing = false;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#ledger = createLedger({
      table: deps.store.sessions,
      log: deps.log,
      onChange: (id) => this.#entries.get(id)?.live.changed.ring(),
      observer: deps.observer,
    });
    this.#lastWords = new LastWords(this.#ledger, deps.store.later, deps.log);
  }

  /**
   * Writes a session down and begins to bring it up; the same key gives the same session. Throws HostFull, DiskFull, NoDescriptors,
   * IdempotencyKeyReused, Closing, StoreUnavailable.
   */
  start(body: StartBody, idempotencyKey?: string): Session {
    const known = idempotencyKey === undefined ? undefined : this.#deps.store.sessions.findByKey(idempotencyKey);
    if (known && (known.userId !== body.userId || known.provider !== body.provider)) throw new IdempotencyKeyReused();
    return known ?? this.#begin(body, idempotencyKey);
  }

  /** Throws SessionNotFound. */
  read(id: string): Session {
    return this.#lastWords.complete(this.#ledger.read(id));
  }

  /** The session once it differs from the version `since`, at the latest after `waitMs` or when `gone` aborts. */
  async wait(id: string, since: string | undefined, waitMs: number, gone: AbortSignal): Promise<Session> {
    const live = this.#entries.get(id)?.live;
    if (live && since !== undefined) await waitForChange(live, () => this.read(id), since, waitMs, gone);
    return this.read(id);
  }

  /** Each version of the session from now on, the present one first; ends with a final one, or when `gone` aborts. */
  versions(id: string, gone: AbortSignal): AsyncGenerator<Session | undefined> {
    return toVersions((since, waitMs) => this.wait(id, since, waitMs, gone), gone);
  }

  /** The session's live part, where there is one. */
  find(id: string): LiveSession | undefined {
    const live = this.#entries.get(id)?.live;
    return live?.life.signal.aborted ? undefined : live;
  }

  /** The same. Throws SessionNotFound, SessionOver. */
  live(id: string): LiveSession {
    const live = this.find(id);
    if (!live) throw new SessionOver(id, this.read(id).status);
    return live;
  }

  /** The same of a session whose desktop can be viewed. Throws SessionNotReady too. */
  ready(id: string): LiveSession {
    const live = this.live(id);
    const { status } = this.read(id);
    if (status !== 'vm_created' && status !== 'authenticating') throw new SessionNotReady(id, status);
    return live;
  }

  /** The live session in a slot: a guest is known by the listener that it came in on. */
  inSlot(slotIndex: number): LiveSession | undefined {
    return [...this.#entries.values()].find(({ live }) => live.slot.index === slotIndex && !live.life.signal.aborted)?.live;
  }

  /** A page shows the session. Throws SessionNotFound, SessionOver. */
  heartbeat(id: string): void {
    this.live(id);
    this.#entries.get(id)?.deadlines.heartbeat();
  }

  /** Somebody used its desktop. Of no use where the guest does not tell of input itself: it would be all that is ever seen of it. */
  used(live: LiveSession): void {
    if (live.status.inputMs !== undefined) this.#entries.get(live.id)?.deadlines.input();
  }

  /** What the agent reported. Throws StoreUnavailable: it will tell again. */
  report(live: LiveSession, status: GuestStatus): void {
    const known = live.status;
    live.setStatus(status);
    if (status.inputMs !== undefined && status.inputMs !== known.inputMs) this.used(live);
    if (!live.isWritten(status)) this.#ledger.setGuest(live.id, status);
    live.wrote(status);
  }

  /** The same, of a session that is over too. Throws SessionNotFound. */
  services(id: string): GuestStatus {
    const { services, marks } = this.read(id);
    return { services, marks, peers: this.#entries.get(id)?.live.status.peers ?? [] };
  }

  /**
   * Ends a session; resolves when everything of it is taken down, also what was left of one that failed. A session that is over stays
   * as it is. Throws SessionNotFound.
   */
  async stop(id: string, who: string, reason: Reason): Promise<void> {
    const entry = this.#entries.get(id);
    // What runs is ended whether the database can be read or not.
    if (!entry) return void this.read(id);
    this.#end(id, 'stopped', who, reason);
    entry.leave.abort();
    await entry.gone;
  }

  /** Ends all, and starts no more. */
  async close(): Promise<void> {
    this.#closing = true;
    const reason = { code: 'controller_stopped', message: 'the controller was stopped' };
    await Promise.all([...this.#entries.keys()].map((id) => this.stop(id, 'controller', reason)));
    this.#deps.store.later.flush();
  }

  /** The end of the machine's console, oldest line first. Throws SessionNotFound. */
  async console(id: string): Promise<string[]> {
    this.read(id);
    return readConsoleLines(id, this.#entries.get(id)?.live, this.#deps.machinery, this.#deps.store.sessions);
  }

  /**
   * The console's lines as they come, to the last one or until `gone` aborts; undefined where there was none for a while. Of a session
   * that is over: those that are kept. Throws SessionNotFound.
   */
  async *followConsole(id: string, start: ConsoleStart, gone: AbortSignal): AsyncGenerator<ConsoleNews | undefined> {
    const live = this.#entries.get(id)?.live;
    if (live) return yield* followConsole(live.console, start, gone);
    const lines = await this.console(id);
    yield { lines: start.lastId === undefined ? lines.slice(Math.max(0, lines.length - start.tail)) : lines, dropped: 0 };
  }

  /** Sessions that hold a slot. */
  get size(): number {
    return this.#entries.size;
  }

  #begin(body: StartBody, idempotencyKey: string | undefined): Session {
    const { config, store } = this.#deps;
    if (this.#closing) throw new Closing();
    checkRoom(this.#deps.readFreeMib?.(), this.#deps.readFreeDescriptors?.());
    const slotIndex = pickSlot([...this.#entries.values()].map(({ live }) => live.slot.index));
    if (this.#entries.size >= config.maxSessions || slotIndex === undefined) throw new HostFull(this.#entries.size);
    const id = newSessionId();
    store.sessions.insert({ id, ...body, display: config.display, idempotencyKey, at: new Date().toISOString() });
    this.#enter(new LiveSession(id, toSlot(config.instance, slotIndex), config.dataDir, this.#deps.log));
    return this.read(id);
  }

  #enter(live: LiveSession): void {
    // Each wait of each viewer listens to it.
    setMaxListeners(0, live.life.signal);
    const deadlines = startDeadlines(this.#deps.config.timeoutMs, ({ code, message }) =>
      this.#end(live.id, 'expired', 'clock', { code, message }),
    );
    const gone = Promise.withResolvers<void>();
    this.#entries.set(live.id, { live, deadlines, gone: gone.promise, failed: false, leave: new AbortController() });
    void this.#run(live).then(gone.resolve);
  }

  /** The whole life of a session. */
  async #run(live: LiveSession): Promise<void> {
    try {
      await bringUp(live, { ...this.#deps, ledger: this.#ledger, onFailure: (failure) => this.#fail(live, failure) });
      await until(live.changed, () => undefined, live.life.signal);
    } catch (error) {
      this.#fail(live, error);
    }
    await this.#linger(live);
    await live.undo.run();
    live.console.end();
    this.#entries.get(live.id)?.deadlines.clear();
    this.#entries.delete(live.id);
  }

  /** The machine of a session that failed is left for a while, where an operator wants to look at it; in its slot. */
  async #linger(live: LiveSession): Promise<void> {
    const { failed, leave } = this.#entries.get(live.id)!;
    const graceMs = this.#deps.config.timeoutMs.failedGrace;
    if (!failed || graceMs === 0 || this.#closing || !live.undo.has('machine')) return;
    live.log.warn({ graceMs }, 'machine of a failed session is left to be looked at');
    await sleep(graceMs, undefined, { signal: leave.signal }).catch(() => undefined);
  }

  #fail(live: LiveSession, error: unknown): void {
    if (live.life.signal.aborted) return;
    if (!(error instanceof SessionFailure)) live.log.error({ err: error }, 'bring-up broke');
    const { code, message } = toFailure(error);
    this.#end(live.id, 'failed', 'controller', { code, message });
  }

  #end(id: string, to: FinalStatus, who: string, reason: Reason): void {
    const entry = this.#entries.get(id);
    if (!entry || !this.#lastWords.end(id, to, who, reason)) return;
    entry.deadlines.clear();
    entry.failed = to === 'failed';
    entry.live.life.abort(new SessionFailure(reason.code, reason.message));
  }
}
