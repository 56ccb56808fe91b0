import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import type { ViewerQuality } from '#contract/quality';
import type { Session, SessionStatus, StartBody } from '#contract/session';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { at } from '../fault-point.ts';
import { LOCAL_OWNER } from '../auth/api-keys.ts';
import type { Sealer } from '../auth/seal.ts';
import { toRules } from '../egress/host-rules.ts';
import { readBootTime, type BootTime } from '../host/boot-time.ts';
import type { MachineDriver } from '../machines/driver.ts';
import type { Store } from '../store/store.ts';
import { readConsoleLines } from './console.ts';
import type { HostRoom } from './admission.ts';
import { Closing, HostDraining, IdempotencyKeyReused, SessionNotReady, SessionOver, SessionUnattended, UserFull } from './errors.ts';
import { followConsole, type ConsoleNews, type ConsoleStart } from './follow-console.ts';
import { newSessionId } from './ids.ts';
import { createLedger, logOf, type Ledger, type Observer, type Reason } from './ledger.ts';
import { LastWords } from './last-words.ts';
import type { LiveMachine } from './live-machine.ts';
import type { LiveSession } from './live-session.ts';
import { Lives } from './lives.ts';
import type { Machinery } from './machinery.ts';
import { checkRoom } from './room.ts';
import type { StepLimits } from './step-limits.ts';
import { Supply } from './supply.ts';
import { isSameStart } from './same-start.ts';
import { isFinal, OPEN_STATUSES } from './transitions.ts';
import { toTenantUser } from './tenant-user.ts';
import type { WarmCounts, WarmRhythm } from './warm-pool.ts';
import { toVersions, waitForChange } from './watch.ts';
import { toEgressFacts } from './ways.ts';
import { toWatermark } from './watermark.ts';

export interface SessionsDeps {
  config: Config;
  store: Store;
  machinery: Machinery;
  /** By name: those that machines of controllers before this one may be of. The machinery's own alone when missing. */
  drivers?: Record<string, MachineDriver>;
  /** Keeps guests' secrets in the store. */
  sealer: Sealer;
  log: Logger;
  observer?: Observer;
  /** Room for what a session writes, MiB; as much as one wants without. */
  readFreeMib?: () => number;
  /** Room for its machine; slots are all that is counted without. */
  readHostRoom?: () => Omit<HostRoom, 'sessions'>;
  /** File descriptors that the controller may still open; the same. */
  readFreeDescriptors?: () => number;
  /** Why the host takes no new sessions; undefined when it takes some. */
  findDrain?: () => string | undefined;
  /** Of the warm pool; its own without. */
  warmRhythm?: WarmRhythm;
  /** The usual ones without. */
  stepLimits?: StepLimits;
  /** The host's own without. */
  readBootTime?: () => BootTime;
}

/** For whom a session is started, and which repetition of the same call gives the same one. */
export interface StartOptions {
  owner?: string;
  idempotencyKey?: string | undefined;
}

/** A machine that is being taken down takes a second. */
const LEAVE_MS = 10_000;

/** All sessions: those with a machine in memory, the others in the store. */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #ledger: Ledger;
  readonly #lastWords: LastWords;
  readonly #lives: Lives;
  readonly #supply: Supply;
  readonly #leaving = new AbortController();
  #closing = false;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#ledger = createLedger({
      table: deps.store.sessions,
      logOf: (session) => this.#lives.find(session.sessionId)?.log ?? logOf(deps.log, session),
      onChange: (id) => this.#lives.find(id)?.changed.ring(),
      observer: deps.observer,
    });
    this.#lastWords = new LastWords(this.#ledger, deps.store.later, deps.log);
    this.#lives = new Lives({
      ...{ timeoutMs: deps.config.timeoutMs, ledger: this.#ledger, lastWords: this.#lastWords, againMs: deps.stepLimits?.again },
      readAge: (id) => this.#supply.readAge(id),
      userOf: (id) => toTenantUser(this.ownerOf(id)!, this.#ledger.read(id).userId),
      onGone: ({ machine }) => {
        this.#supply.removed(machine);
        this.#lookAtWaysOut();
      },
    });
    this.#supply = new Supply(deps, { ledger: this.#ledger, lastWords: this.#lastWords, lives: this.#lives });
    setMaxListeners(0, this.#leaving.signal);
  }

  /**
   * Writes a session down and begins to bring it up; the same key gives the same session. Throws HostDraining, UserFull, HostFull, DiskFull,
   * NoDescriptors, EgressExhausted, IdempotencyKeyReused, Closing, StoreUnavailable.
   */
  start(body: StartBody, { owner = LOCAL_OWNER, idempotencyKey }: StartOptions = {}): Session {
    const start = { ...body, ...(body.egress && { egress: toRules(body.egress) }) };
    const known = idempotencyKey === undefined ? undefined : this.#deps.store.sessions.findByKey(idempotencyKey);
    if (known && !isSameStart(known, start)) throw new IdempotencyKeyReused();
    return known ?? this.#create(start, owner, idempotencyKey);
  }

  /** The same, to be told of: it survives loss of power. Throws StoreFailed too, and what was begun is ended then. */
  async startDurably(body: StartBody, options?: StartOptions): Promise<Session> {
    const session = this.start(body, options);
    try {
      await this.#deps.store.synced();
    } catch (error) {
      this.#lives.stop(session.sessionId, 'controller', { code: 'store_failed', message: (error as Error).message }).catch(() => undefined);
      throw error;
    }
    return session;
  }

  /** Throws SessionNotFound. */
  read(id: string): Session {
    return this.#complete(this.#ledger.read(id));
  }

  /** Whose it is; undefined when there is no such session. Each request with a key asks. */
  ownerOf(id: string): string | undefined {
    const live = this.#lives.find(id);
    if (!live) return this.#deps.store.sessions.ownerOf(id);
    return (live.owner ??= this.#deps.store.sessions.ownerOf(id));
  }

  /** The session once it differs from the version `since`, at the latest after `waitMs` or when `gone` aborts. */
  async wait(id: string, since: string | undefined, waitMs: number, gone: AbortSignal): Promise<Session> {
    const live = this.#lives.find(id);
    if (live && since !== undefined) await waitForChange(live, () => this.read(id), since, waitMs, gone);
    return this.read(id);
  }

  /** Each version of the session from now on, the present one first; ends with a final one, or when `gone` aborts. */
  versions(id: string, gone: AbortSignal): AsyncGenerator<Session | undefined> {
    return toVersions((since, waitMs) => this.wait(id, since, waitMs, gone), gone);
  }

  /** The session's live part, where there is one. */
  find(id: string): LiveSession | undefined {
    const live = this.#lives.find(id);
    return live?.life.signal.aborted ? undefined : live;
  }

  /** The same. Throws SessionNotFound, SessionOver. */
  live(id: string): LiveSession {
    const live = this.find(id);
    if (live) return live;
    const { status } = this.read(id);
    throw isFinal(status) ? new SessionOver(id, status) : new SessionUnattended(id);
  }

  /** The same of a session whose desktop can be viewed. Throws SessionNotReady too. */
  ready(id: string): LiveSession {
    const live = this.live(id);
    const { status } = this.read(id);
    if (status !== 'vm_created' && status !== 'authenticating') throw new SessionNotReady(id, status);
    return live;
  }

  /** The machine in a slot, of a session or of none yet: a guest is known by the listener that it came in on. */
  inSlot(slotIndex: number): LiveMachine | undefined {
    return this.#supply.inSlot(slotIndex);
  }

  /** Sessions in one of these statuses, the newest first; of one owner, or of all. */
  list(statuses: readonly SessionStatus[], limit: number, owner?: string): Session[] {
    return this.#deps.store.sessions.newest(statuses, limit, owner).map((session) => this.#complete(session));
  }

  /** A page shows the session, and may say how it looks there. False when that was too soon after the last to count. Throws SessionNotFound, SessionOver. */
  heartbeat(id: string, quality?: ViewerQuality): boolean {
    const live = this.live(id);
    const counts = quality !== undefined && live.tell({ viewer: quality });
    this.#lives.deadlinesOf(id)?.heartbeat();
    return counts;
  }

  /** A viewer may not look any more: its pages lose their connections. */
  revoke(id: string, viewer: string): void {
    this.find(id)?.mailbox.revoke(viewer);
  }

  /** Somebody used its desktop. Of no use where the guest does not tell of input itself: it would be all that is ever seen of it. */
  used(live: LiveSession): void {
    if (live.status.inputMs !== undefined) this.#lives.deadlinesOf(live.id)?.input();
  }

  /** What the agent reported. The record is written when it says something new. Throws StoreUnavailable: it will tell again. */
  report(machine: LiveMachine, status: GuestStatus): void {
    const known = machine.status;
    machine.setStatus(status);
    const live = machine.sessionId === undefined ? undefined : this.#lives.find(machine.sessionId);
    if (!live) return machine.changed.ring();
    if (status.stream) live.tell({ guest: status.stream });
    if (status.inputMs !== undefined && status.inputMs !== known.inputMs) this.used(live);
    if (!live.isWritten(status)) this.#ledger.setGuest(live.id, status);
    live.wrote(status);
  }

  /** The same, of a session that is over too. Throws SessionNotFound. */
  services(id: string): GuestStatus {
    const { services, marks } = this.read(id);
    return { services, marks, peers: this.#lives.find(id)?.status.peers ?? [] };
  }

  /**
   * Ends a session; resolves when everything of it is taken down, also what was left of one that failed. A session that is over stays
   * as it is. Throws SessionNotFound.
   */
  async stop(id: string, who: string, reason: Reason): Promise<void> {
    if (await this.#lives.stop(id, who, reason)) return;
    this.read(id);
    // Of one that nobody attends to the next controller takes down what there is.
    this.#lastWords.end(id, 'stopped', who, reason);
  }

  /** A sign-in runs on its desktop. False when that is known already, or too late. */
  signsIn(id: string): boolean {
    return this.#ledger.move(id, 'authenticating', 'guest');
  }

  /** Its sign-in is over, one way or the other, and with it the session. */
  finish(id: string, to: 'completed' | 'failed', reason: Reason): void {
    this.#lives.end(id, to, 'guest', reason);
  }

  /** Ends all, and starts no more. */
  async close(): Promise<void> {
    this.#closing = true;
    const reason = { code: 'controller_stopped', message: 'the controller was stopped' };
    await Promise.all([this.#lives.close('controller', reason), this.#supply.close()]);
    this.#deps.store.later.flush();
  }

  /** Aborts when this controller leaves and its machines stay: whoever waits for something is to ask again. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /**
   * Leaves all sessions and machines to the next controller, and starts no more. Sessions that are just being taken down are waited for,
   * at most `limitMs`: what is left of them then is the next one's, too.
   */
  async leave(limitMs = LEAVE_MS): Promise<void> {
    this.#closing = true;
    this.#leaving.abort();
    const settled = Promise.race([this.#lives.settle(), sleep(limitMs, undefined, { ref: false })]);
    await Promise.all([settled, this.#supply.leave(limitMs)]);
    this.#lives.letGo();
    this.#deps.store.later.flush();
  }

  /** Goes on with what a controller before this one left. Resolves when all guests that live are listened to, and what is left over is gone. */
  async resume(): Promise<void> {
    await this.#supply.resume();
    // Known from now on, whatever becomes of the database: what runs can be ended.
    for (const id of this.#deps.store.sessions.list(OPEN_STATUSES)) this.ownerOf(id);
  }

  /** The end of the machine's console, oldest line first. Throws SessionNotFound. */
  async console(id: string): Promise<string[]> {
    this.read(id);
    return readConsoleLines(id, this.#lives.find(id), this.#deps.machinery, this.#deps.store.sessions);
  }

  /**
   * The console's lines as they come, to the last one or until `gone` aborts; undefined where there was none for a while. Of a session
   * that is over: those that are kept. Throws SessionNotFound.
   */
  async *followConsole(id: string, start: ConsoleStart, gone: AbortSignal): AsyncGenerator<ConsoleNews | undefined> {
    const live = this.#lives.find(id);
    if (live) return yield* followConsole(live.console, start, gone);
    const lines = await this.console(id);
    yield { lines: start.lastId === undefined ? lines.slice(Math.max(0, lines.length - start.tail)) : lines, dropped: 0 };
  }

  /** Going down: nothing is started any more. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Sessions that hold a slot. */
  get size(): number {
    return this.#lives.size;
  }

  /** A record with what of it is only in memory. */
  #complete(session: Session): Session {
    const live = this.#lives.find(session.sessionId);
    const quality = live?.quality;
    const { watermark } = this.#deps.config;
    return {
      ...this.#lastWords.complete(session),
      ...(quality && { quality }),
      ...(live && this.#toEgress(live, session)),
      ...(watermark !== undefined && { watermark: toWatermark(watermark, session) }),
    };
  }

  #toEgress({ slot }: LiveSession, { sessionId, userId, egress }: Session): Pick<Session, 'egress'> {
    const { egress: ways } = this.#deps.machinery;
    const user = toTenantUser(this.ownerOf(sessionId)!, userId);
    const all = { ...egress, ...toEgressFacts(ways.outside(user), ways.counts(slot)) };
    return Object.keys(all).length === 0 ? {} : { egress: all };
  }

  /** Who has a session, or one of which there is still something: theirs are the ways out. Throws StoreUnavailable. */
  get users(): Set<string> {
    const open = this.#deps.store.sessions.users(OPEN_STATUSES).map(({ owner, userId }) => toTenantUser(owner, userId));
    return new Set([...open, ...this.#lives.users]);
  }

  /** What a session's user left by may be free now. If that cannot be written down, it is looked at again later. */
  #lookAtWaysOut(): void {
    try {
      this.#deps.machinery.egress.look(this.users);
    } catch (err) {
      this.#deps.log.debug({ err }, 'leases cannot be looked at');
    }
  }

  /** Machines of the warm pool, by state. */
  get warm(): WarmCounts {
    return this.#supply.warm;
  }

  #create(body: StartBody, owner: string, idempotencyKey: string | undefined): Session {
    const { config, store } = this.#deps;
    if (this.#closing) throw new Closing();
    checkRoom(this.#deps.readFreeMib?.(), this.#deps.readFreeDescriptors?.());
    const drain = this.#deps.findDrain?.();
    if (drain !== undefined) throw new HostDraining(drain);
    if (store.sessions.countOf(owner, body.userId, OPEN_STATUSES) >= config.maxSessionsPerUser)
      throw new UserFull(config.maxSessionsPerUser);
    const { userId, provider, restore, egress: egressRules } = body;
    const takeWayOut = this.#deps.machinery.egress.find(toTenantUser(owner, userId));
    this.#supply.admit();
    takeWayOut();
    const id = newSessionId();
    const born = (this.#deps.readBootTime ?? readBootTime)();
    const facts = { id, owner, userId, provider, restore, egressRules, display: config.display };
    store.sessions.insert({ ...facts, idempotencyKey, at: new Date().toISOString(), born });
    at('session inserted');
    this.#deps.observer?.moved({ session: this.read(id), from: undefined, to: 'pending', reason: undefined });
    this.#supply.begin(id);
    const live = this.#lives.find(id);
    if (live) live.owner = owner;
    live?.log.info({ user: body.userId }, 'session begun');
    return this.read(id);
  }
}
