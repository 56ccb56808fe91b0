import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuestStatus } from '#contract/guest';
import type { ViewerQuality } from '#contract/quality';
import type { Session, SessionStatus, StartBody } from '#contract/session';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { at } from '../fault-point.ts';
import type { Sealer } from '../auth/seal.ts';
import type { MachineDriver } from '../machines/driver.ts';
import { toSlot } from '../net/slot.ts';
import { until } from '../signal/bell.ts';
import type { MachineRow } from '../store/machines.ts';
import type { Store } from '../store/store.ts';
import { bringUp, type BringUpDeps } from './bring-up.ts';
import { claim } from './claim.ts';
import { readConsoleLines } from './console.ts';
import { planAdmission, toRefusal, type HostRoom, type Refused } from './admission.ts';
import { startDeadlines, TOO_OLD, type Deadlines } from './deadlines.ts';
import { Closing, IdempotencyKeyReused, SessionFailure, SessionNotReady, SessionOver, SessionUnattended } from './errors.ts';
import { followConsole, type ConsoleNews, type ConsoleStart } from './follow-console.ts';
import { toGuestKeeper, toKnownMachine } from './guest-keeper.ts';
import { newSessionId } from './ids.ts';
import { createLedger, logOf, type Ledger, type Observer, type Reason } from './ledger.ts';
import { LastWords } from './last-words.ts';
import { LiveMachine, type KnownMachine } from './live-machine.ts';
import { LiveSession } from './live-session.ts';
import { createMachineLedger, type MachineLedger } from './machine-states.ts';
import type { Machinery } from './machinery.ts';
import { toFailure } from './reason.ts';
import { removeStrayDirectories } from './recover.ts';
import { resume, type ResumeActs } from './resume.ts';
import { checkRoom, NEEDED_MIB } from './room.ts';
import { pickSlot } from './slots.ts';
import { STEP_LIMITS, type StepLimits } from './step-limits.ts';
import { takeDown } from './take-down.ts';
import { takeUp, type Found } from './take-up.ts';
import { isFinal, type FinalStatus } from './transitions.ts';
import { keepWarm, readWarmKey, warmUp } from './warm-machine.ts';
import { WARM_RHYTHM, WarmPool, type WarmCounts, type WarmRhythm } from './warm-pool.ts';
import { toVersions, waitForChange } from './watch.ts';

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
  /** Of the warm pool; its own without. */
  warmRhythm?: WarmRhythm;
  stepLimits?: StepLimits;
}

/** How often a session is begun again whose controller ended while it came up. */
const RESTARTS_MAX = 3;
const RESTARTED: Reason = { code: 'controller_restarted', message: 'the controller was restarted: it begins again' };
/** A machine that is being taken down takes a second. */
const LEAVE_MS = 10_000;

interface Entry {
  live: LiveSession;
  deadlines: Deadlines;
  /** Settles when everything of the session is taken down. Never rejects. */
  gone: Promise<void>;
  failed: boolean;
  /** Aborts when the machine of a session that failed need not be left any longer. */
  leave: AbortController;
}

const NO_SLOT = { of: 'slots', there: 0, needed: 1 } as const;
const UNBOUNDED = { availableMib: Infinity, usedMib: 0, cpuPressure: 0 };

/** All sessions: those with a machine in memory, the others in the store. */
export class Sessions {
  readonly #deps: SessionsDeps;
  readonly #ledger: Ledger;
  readonly #machines: MachineLedger;
  readonly #lastWords: LastWords;
  readonly #entries = new Map<string, Entry>();
  /** The same: each request of each guest asks for its slot's. */
  readonly #bySlot = new Map<number, LiveMachine>();
  /** Slots that another's machine may have. */
  readonly #foreignSlots = new Set<number>();
  readonly #leaving = new AbortController();
  readonly #pool: WarmPool;
  /** Sessions on their way to their desktops, and when the last one was started. */
  #comingUp = 0;
  #startedAt = -Infinity;
  #closing = false;
  #hasLetGo = false;

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
    this.#ledger = createLedger({
      table: deps.store.sessions,
      logOf: (session) => this.#entries.get(session.sessionId)?.live.log ?? logOf(deps.log, session),
      onChange: (id) => this.#entries.get(id)?.live.changed.ring(),
      observer: deps.observer,
    });
    this.#machines = createMachineLedger(deps.store.machines, deps.log);
    this.#lastWords = new LastWords(this.#ledger, deps.store.later, deps.log);
    this.#pool = this.#createPool();
    setMaxListeners(0, this.#leaving.signal);
  }

  /**
   * Writes a session down and begins to bring it up; the same key gives the same session. Throws HostFull, DiskFull, NoDescriptors,
   * IdempotencyKeyReused, Closing, StoreUnavailable.
   */
  start(body: StartBody, idempotencyKey?: string): Session {
    const known = idempotencyKey === undefined ? undefined : this.#deps.store.sessions.findByKey(idempotencyKey);
    if (known && (known.userId !== body.userId || known.provider !== body.provider)) throw new IdempotencyKeyReused();
    return known ?? this.#create(body, idempotencyKey);
  }

  /** Throws SessionNotFound. */
  read(id: string): Session {
    return this.#complete(this.#ledger.read(id));
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
    const live = this.#bySlot.get(slotIndex);
    return live?.life.signal.aborted ? undefined : live;
  }

  /** Sessions in one of these statuses, the newest first. */
  list(statuses: readonly SessionStatus[], limit: number): Session[] {
    return this.#deps.store.sessions.newest(statuses, limit).map((session) => this.#complete(session));
  }

  /** A page shows the session, and may say how it looks there. False when that was too soon after the last to count. Throws SessionNotFound, SessionOver. */
  heartbeat(id: string, quality?: ViewerQuality): boolean {
    const live = this.live(id);
    const counts = quality !== undefined && live.tell({ viewer: quality });
    this.#entries.get(id)?.deadlines.heartbeat();
    return counts;
  }

  /** Somebody used its desktop. Of no use where the guest does not tell of input itself: it would be all that is ever seen of it. */
  used(live: LiveSession): void {
    if (live.status.inputMs !== undefined) this.#entries.get(live.id)?.deadlines.input();
  }

  /** What the agent reported. The record is written when it says something new. Throws StoreUnavailable: it will tell again. */
  report(machine: LiveMachine, status: GuestStatus): void {
    const known = machine.status;
    machine.setStatus(status);
    const live = machine.sessionId === undefined ? undefined : this.#entries.get(machine.sessionId)?.live;
    if (!live) return machine.changed.ring();
    if (status.stream) live.tell({ guest: status.stream });
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
    if (!entry) {
      this.read(id);
      // Of one that nobody attends to the next controller takes down what there is.
      return void this.#lastWords.end(id, 'stopped', who, reason);
    }
    // What runs is ended whether the database can be read or not.
    this.#end(id, 'stopped', who, reason);
    entry.leave.abort();
    await entry.gone;
  }

  /** Ends all, and starts no more. */
  async close(): Promise<void> {
    this.#closing = true;
    const reason = { code: 'controller_stopped', message: 'the controller was stopped' };
    const ending = [...this.#entries.keys()].map((id) => this.stop(id, 'controller', reason));
    await Promise.all([...ending, this.#pool.close()]);
    for (const { live } of this.#entries.values()) live.machine.hold.abort();
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
    const entries = [...this.#entries.values()];
    const ending = Promise.all(entries.filter(({ live }) => live.life.signal.aborted).map(({ gone }) => gone));
    await Promise.all([Promise.race([ending, sleep(limitMs, undefined, { ref: false })]), this.#pool.leave(limitMs)]);
    this.#hasLetGo = true;
    for (const { live, deadlines } of entries) {
      deadlines.clear();
      live.machine.hold.abort();
    }
    this.#entries.clear();
    this.#deps.store.later.flush();
  }

  /** Goes on with what a controller before this one left. Resolves when all guests that live are listened to, and what is left over is gone. */
  async resume(): Promise<void> {
    const { store, machinery, config, log, drivers = { [machinery.driver.name]: machinery.driver } } = this.#deps;
    const acts: ResumeActs = {
      adopt: (row, found) => this.#adopt(row, found, drivers[row.driver]!),
      keepWarm: (row, found) => this.#keepWarm(row, found, drivers[row.driver]!),
      again: (id) => this.#begin(id),
      mayBeginAgain: (id) => this.#mayBeginAgain(id),
      fail: (id, reason) => void this.#lastWords.end(id, 'failed', 'controller', reason),
      keepOut: (slot) => void this.#foreignSlots.add(slot),
    };
    const left = removeStrayDirectories(join(config.dataDir, 'machines'), { store, log });
    await left.catch((err: unknown) => log.error({ err }, 'directories cannot be listed: none is removed'));
    await resume({ store, machinery, drivers, instance: config.instance, log, stepLimits: this.#deps.stepLimits }, acts);
    this.#pool.start();
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

  /** Going down: nothing is started any more. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Sessions that hold a slot. */
  get size(): number {
    return this.#entries.size;
  }

  /** A record with what of it is only in memory. */
  #complete(session: Session): Session {
    const quality = this.#entries.get(session.sessionId)?.live.quality;
    return { ...this.#lastWords.complete(session), ...(quality && { quality }) };
  }

  /** Machines of the warm pool, by state. */
  get warm(): WarmCounts {
    return this.#pool.counts;
  }

  #create(body: StartBody, idempotencyKey: string | undefined): Session {
    const { config, store } = this.#deps;
    if (this.#closing) throw new Closing();
    checkRoom(this.#deps.readFreeMib?.(), this.#deps.readFreeDescriptors?.());
    if (!this.#pool.hasReady) this.#admit();
    const id = newSessionId();
    store.sessions.insert({ id, ...body, display: config.display, idempotencyKey, at: new Date().toISOString() });
    at('session inserted');
    this.#deps.observer?.moved({ session: this.read(id), from: undefined, to: 'pending', reason: undefined });
    this.#begin(id);
    this.#entries.get(id)?.live.log.info({ user: body.userId }, 'session begun');
    return this.read(id);
  }

  /** Machines that there are on this host, those included that wait in the pool, or are not this controller's. */
  get #held(): number {
    return this.#entries.size + this.#foreignSlots.size + this.#pool.size;
  }

  /** For a machine of its own; one that waits in the pool was admitted before it was booted. Throws HostFull. */
  #admit(): void {
    this.#pool.giveWay(false);
    const isOfNoUse = this.#pool.size > 0 && ['slots', 'memory'].includes(this.#findShortage()?.of ?? '');
    if (isOfNoUse) this.#pool.giveWay(true);
    const refused = this.#findShortage();
    if (!refused) return;
    this.#deps.observer?.refused(refused.of);
    throw toRefusal(refused, this.#held);
  }

  /** What one more machine would lack now. */
  #findShortage(): Refused | undefined {
    const { config, readHostRoom = () => UNBOUNDED } = this.#deps;
    const room = { sessions: this.#held, ...readHostRoom() };
    return planAdmission(room, config) ?? (this.#freeSlot === undefined ? NO_SLOT : undefined);
  }

  get #freeSlot(): number | undefined {
    return pickSlot([...this.#bySlot.keys(), ...this.#foreignSlots]);
  }

  /** Brings a session up, which is written down: on a machine of the pool when one is ready, else on one of its own. */
  #begin(id: string): void {
    this.#startedAt = performance.now();
    const warm = this.#pool.take();
    if (!warm) return this.#beginCold(id);
    const live = new LiveSession(id, warm);
    this.#enter(live, () => claim(live, this.#toDeps()));
  }

  #beginCold(id: string): void {
    const slotIndex = this.#freeSlot;
    if (slotIndex === undefined) return void this.#lastWords.end(id, 'failed', 'controller', toRefusal(NO_SLOT, this.#held));
    const live = new LiveSession(id, this.#toMachine(slotIndex));
    this.#enter(live, () => bringUp(live, this.#toDeps()));
  }

  #mayBeginAgain(id: string): boolean {
    if (this.read(id).status !== 'pending') this.#ledger.move(id, 'pending', 'controller', RESTARTED);
    return this.#ledger.beginAgain(id) <= RESTARTS_MAX;
  }

  #adopt(row: MachineRow, found: Found, driver: MachineDriver): Promise<void> {
    const { sessionId: id, slot, endsAt } = row as MachineRow & { sessionId: string };
    const session = this.read(id);
    const live = new LiveSession(id, this.#toMachine(slot, toKnownMachine(row, session, this.#deps.sealer)));
    const served = Promise.withResolvers<void>();
    const deps = this.#toDeps(driver);
    const longestMs = endsAt === undefined ? undefined : Date.parse(endsAt) - Date.parse(session.createdAt);
    const gone = this.#enter(live, () => takeUp(live, found, deps, served.resolve), longestMs);
    live.log.info({ pid: found.machine.record.pid, isGone: found.isGone }, 'session taken up');
    return Promise.race([served.promise, gone]);
  }

  /** Keeps what a controller before this one had booted ahead. */
  #keepWarm(row: MachineRow, found: Found, driver: MachineDriver): Promise<void> {
    const machine = this.#toMachine(row.slot, toKnownMachine(row, { services: [], marks: {} }, this.#deps.sealer));
    const served = Promise.withResolvers<void>();
    const act = () => keepWarm(machine, found, this.#toDeps(driver), served.resolve);
    this.#pool.adopt(machine, row.warmKey ?? '', Date.now() - Date.parse(row.createdAt), () => act().finally(served.resolve));
    return served.promise;
  }

  #createPool(): WarmPool {
    const { config, machinery, log, observer, readFreeMib, warmRhythm: rhythm = WARM_RHYTHM } = this.#deps;
    const { size, maxAgeMs } = config.warm;
    return new WarmPool({
      ...{ size, maxAgeMs, rhythm, log, observer: observer?.warm, againMs: this.#deps.stepLimits?.again },
      readKey: () => readWarmKey(machinery, config),
      hasRoom: () =>
        this.#comingUp === 0 &&
        performance.now() - this.#startedAt > rhythm.rest &&
        (readFreeMib?.() ?? Infinity) >= NEEDED_MIB &&
        this.#findShortage() === undefined,
      newMachine: () => (this.#freeSlot === undefined ? undefined : this.#toMachine(this.#freeSlot, undefined, true)),
      boot: (machine, key) => warmUp(machine, key, this.#toDeps()),
      onGone: ({ slot }) => void this.#bySlot.delete(slot.index),
    });
  }

  /** A machine with its slot. */
  #toMachine(slotIndex: number, known?: KnownMachine, isWarm?: boolean): LiveMachine {
    const { config, log, sealer, store, stepLimits = STEP_LIMITS } = this.#deps;
    const toKeeper = (machineId: string) => toGuestKeeper(machineId, this.#machines, store.machines, sealer);
    const machine = new LiveMachine(toSlot(config.instance, slotIndex), config.dataDir, log, { machine: known, toKeeper, takeDownMs: stepLimits.takeDown }, isWarm);
    this.#bySlot.set(slotIndex, machine);
    // Each wait of each viewer listens to it.
    setMaxListeners(0, machine.life.signal);
    return machine;
  }

  #toDeps(driver = this.#deps.machinery.driver): BringUpDeps & { config: Config } {
    const { config, store, stepLimits = STEP_LIMITS } = this.#deps;
    const machinery = driver === this.#deps.machinery.driver ? this.#deps.machinery : { ...this.#deps.machinery, driver };
    return { config, store, machinery, ledger: this.#ledger, machines: this.#machines, stepLimits };
  }

  /** Begins the session's life here; settles with its end. */
  #enter(live: LiveSession, act: () => Promise<void>, longestMs = this.#deps.config.timeoutMs.session): Promise<void> {
    live.machine.onFailure = (failure) => this.#fail(live, failure);
    const age = Math.max(0, Date.now() - Date.parse(this.read(live.id).createdAt));
    const limits = { ...this.#deps.config.timeoutMs, session: longestMs };
    const onPassed = ({ code, message }: SessionFailure) => this.#end(live.id, 'expired', 'clock', { code, message });
    const deadlines = startDeadlines(limits, onPassed, { age });
    const gone = Promise.withResolvers<void>();
    this.#entries.set(live.id, { live, deadlines, gone: gone.promise, failed: false, leave: new AbortController() });
    void this.#run(live, act, gone.resolve).then(gone.resolve);
    return gone.promise;
  }

  /** The whole life of a session. `onTried`: it is taken down, or what is left of it is tried again. */
  async #run(live: LiveSession, act: () => Promise<void>, onTried: () => void): Promise<void> {
    this.#comingUp++;
    try {
      await act().finally(() => this.#comingUp--);
      await until(live.changed, () => undefined, live.life.signal);
    } catch (error) {
      this.#fail(live, error);
    }
    // It is another's by then.
    if (this.#hasLetGo) return;
    await this.#linger(live);
    if (this.#hasLetGo) return;
    const endedAt = performance.now();
    const again = { againMs: (this.#deps.stepLimits ?? STEP_LIMITS).again, signal: live.machine.hold.signal, onTried };
    if (!(await takeDown(live.machine, again))) return;
    live.log.info({ ms: Math.round(performance.now() - endedAt) }, 'session taken down');
    this.#entries.get(live.id)?.deadlines.clear();
    this.#entries.delete(live.id);
    this.#bySlot.delete(live.slot.index);
  }

  /** The machine of a session that failed is left for a while, where an operator wants to look at it; in its slot. */
  async #linger(live: LiveSession): Promise<void> {
    const { failed, leave } = this.#entries.get(live.id)!;
    const graceMs = this.#deps.config.timeoutMs.failedGrace;
    if (!failed || graceMs === 0 || this.#closing || !live.undo.has('machine')) return;
    live.log.warn({ graceMs }, 'machine of a failed session is left to be looked at');
    const signal = AbortSignal.any([leave.signal, this.#leaving.signal]);
    await sleep(graceMs, undefined, { signal }).catch(() => undefined);
  }

  #fail(live: LiveSession, error: unknown): void {
    if (live.life.signal.aborted || this.#hasLetGo) return;
    if (!(error instanceof SessionFailure)) live.log.error({ err: error }, 'bring-up broke');
    const { code, message } = toFailure(error);
    this.#end(live.id, code === TOO_OLD ? 'expired' : 'failed', 'controller', { code, message });
  }

  #end(id: string, to: FinalStatus, who: string, reason: Reason): void {
    const entry = this.#entries.get(id);
    if (this.#hasLetGo || !entry || !this.#lastWords.end(id, to, who, reason)) return;
    entry.deadlines.clear();
    entry.failed = to === 'failed';
    entry.live.life.abort(new SessionFailure(reason.code, reason.message));
  }
}
