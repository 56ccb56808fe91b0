import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { at } from '../fault-point.ts';
import { Limit } from '../host/limit.ts';
import { Bell, until } from '../signal/bell.ts';
import { SessionFailure } from './errors.ts';
import type { LiveMachine } from './live-machine.ts';
import { isDesktopReady } from './readiness.ts';
import { toFailure } from './reason.ts';
import { STEP_LIMITS } from './step-limits.ts';
import { takeDown } from './take-down.ts';

/** Its times, ms. */
export interface WarmRhythm {
  /** Looked at so often: whether the image is another one by now, whether machines are well, whether there is room again. */
  look: number;
  /** Between two boots when the first did not come up, doubled each time. */
  firstPause: number;
  /** So long after a start nothing is booted ahead: its page is on its way to its first picture. */
  rest: number;
}

export const WARM_RHYTHM: WarmRhythm = { look: 1_000, firstPause: 2_000, rest: 1_000 };

export interface WarmPoolDeps {
  size: number;
  maxAgeMs: number;
  rhythm: WarmRhythm;
  /** Until what of a machine could not be taken down is tried again, ms. */
  againMs?: number;
  log: Logger;
  /** What a machine must have been made of to be of use now. */
  readKey(): Promise<string>;
  /** Whether the host holds one more, and nobody waits for what its boot would take. */
  hasRoom(): boolean;
  /** No session will want one: the host is being drained. */
  isDrained?(): boolean;
  /** A new machine, with a slot of its own; undefined when there is none. */
  newMachine(): LiveMachine | undefined;
  boot(machine: LiveMachine, key: string): Promise<void>;
  /** Nothing of it is left. */
  onGone(machine: LiveMachine): void;
  observer?: WarmObserver | undefined;
}

/** Who counts. */
export interface WarmObserver {
  claimed(): void;
  /** A session started cold, though there is a pool. */
  missed(): void;
  /** A machine did not come up, or ended in the pool, with the code of the reason. */
  failed(code: string): void;
}

export type WarmCounts = Record<'booting' | 'ready', number>;

interface Entry {
  machine: LiveMachine;
  key: string;
  bornAt: number;
  /** Its desktop was ready once. */
  isUp: boolean;
  isTaken: boolean;
  /** Since when it is not fit to be claimed. */
  unwellSince?: number | undefined;
  /** Nobody has to wait for it any more: it is gone, or what is left of it is tried again. */
  gone: PromiseWithResolvers<void>;
}

/** An agent that ended is there again in a second or two; one that is away for longer stays away. */
const UNWELL_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;
/** A machine that ran for so long did not die of being booted. */
const STEADY_MS = 60_000;
/** A machine that is being taken down takes a second. */
const LEAVE_MS = 10_000;

/**
 * Machines booted ahead of their sessions.
 *
 *   booting ──► ready ──► claimed (a session's, and no business of the pool any more)
 *      │          │
 *      └──────────┴──► thrown away: it failed, is too old, is for another image, or somebody needs its room
 */
export class WarmPool {
  readonly #deps: WarmPoolDeps;
  readonly #entries = new Set<Entry>();
  /** Being taken down. */
  readonly #ending = new Set<Promise<void>>();
  readonly #bell = new Bell();
  readonly #over = new AbortController();
  #hasLeft = false;
  #key: string | undefined;
  #pauseMs: number;
  #notBefore = 0;
  #isRunning = false;

  constructor(deps: WarmPoolDeps) {
    this.#deps = deps;
    this.#pauseMs = deps.rhythm.firstPause;
  }

  /** Begins to keep it filled. */
  start(): void {
    if (this.#isRunning || this.#over.signal.aborted) return;
    this.#isRunning = true;
    void this.#run();
  }

  /** Machines in it. */
  get size(): number {
    return this.#entries.size;
  }

  get counts(): WarmCounts {
    const ready = [...this.#entries].filter((entry) => this.#isFit(entry)).length;
    return { booting: this.#entries.size - ready, ready };
  }

  /** Whether `take` gives one. */
  get hasReady(): boolean {
    return [...this.#entries].some((entry) => this.#isFit(entry));
  }

  /** The one that has been ready longest, which is the caller's from now on; undefined when none is ready now. */
  take(): LiveMachine | undefined {
    const entry = [...this.#entries].find((each) => this.#isFit(each));
    if (this.#deps.size > 0) this.#deps.observer?.[entry ? 'claimed' : 'missed']();
    if (!entry) return undefined;
    entry.isTaken = true;
    this.#entries.delete(entry);
    this.#pauseMs = this.#deps.rhythm.firstPause;
    entry.machine.changed.ring();
    return entry.machine;
  }

  /** Somebody waits for his own machine: those that boot are thrown away, and where room is short all are. */
  giveWay(all: boolean): void {
    const reason = new SessionFailure('warm_gave_way', 'a session needs what it takes');
    for (const entry of [...this.#entries]) if (all || !entry.isUp) this.#discard(entry, reason);
  }

  /** A machine that a controller before this one had; `act` brings it here. */
  adopt(machine: LiveMachine, key: string, age: number, act: () => Promise<void>): void {
    this.#add(machine, key, performance.now() - age, act);
    at('warm machine adopted');
  }

  /** Takes all down. */
  async close(): Promise<void> {
    this.#over.abort();
    const reason = new SessionFailure('controller_stopped', 'the controller was stopped');
    for (const entry of [...this.#entries]) this.#discard(entry, reason);
    await Promise.all(this.#ending);
  }

  /** Leaves all to the next controller; what is just being taken down is waited for, for a while. */
  async leave(limitMs = LEAVE_MS): Promise<void> {
    this.#over.abort();
    await Promise.race([Promise.all(this.#ending), sleep(limitMs, undefined, { ref: false })]);
    this.#hasLeft = true;
    for (const { machine } of this.#entries) machine.hold.abort();
    this.#entries.clear();
  }

  async #run(): Promise<void> {
    const { size, log, rhythm } = this.#deps;
    while (!this.#over.signal.aborted) {
      await this.#look().catch((err: unknown) => log.debug({ err }, 'the warm pool cannot be filled'));
      // Nothing to look after: nothing to wake up for.
      const isIdle = size === 0 && this.#entries.size === 0;
      using limit = new Limit(rhythm.look, this.#over.signal);
      await this.#bell.next(isIdle ? this.#over.signal : limit.signal);
    }
  }

  async #look(): Promise<void> {
    const { readKey, hasRoom, isDrained } = this.#deps;
    const size = isDrained?.() ? 0 : this.#deps.size;
    this.#key = size === 0 && this.#entries.size === 0 ? undefined : await readKey();
    if (this.#over.signal.aborted) return;
    for (const entry of [...this.#entries]) {
      const fault = this.#findFault(entry);
      if (fault) this.#discard(entry, fault);
    }
    for (const entry of [...this.#entries].slice(size)) this.#discard(entry, new SessionFailure('warm_surplus', 'the pool is smaller now'));
    const isBooting = [...this.#entries].some(({ isUp }) => !isUp);
    // One after the other, each after the one before it has gone: a boot takes all processors.
    if (this.#entries.size >= size || isBooting || this.#ending.size > 0 || performance.now() < this.#notBefore || !hasRoom()) return;
    this.#bootOne(this.#key!);
  }

  #bootOne(key: string): void {
    const { newMachine, boot } = this.#deps;
    const machine = newMachine();
    if (machine) this.#add(machine, key, performance.now(), () => boot(machine, key));
  }

  #add(machine: LiveMachine, key: string, bornAt: number, act: () => Promise<void>): void {
    const entry: Entry = { machine, key, bornAt, isUp: false, isTaken: false, gone: Promise.withResolvers<void>() };
    this.#entries.add(entry);
    void this.#keep(entry, act).then(entry.gone.resolve);
  }

  /** A machine's whole life in the pool. */
  async #keep(entry: Entry, act: () => Promise<void>): Promise<void> {
    const { machine } = entry;
    const { signal } = machine.life;
    try {
      await act();
      entry.isUp = true;
      at('warm machine ready');
      if (!signal.aborted) machine.log.info({ ms: Math.round(performance.now() - entry.bornAt) }, 'warm machine ready');
      this.#bell.ring();
      await until(machine.changed, () => entry.isTaken || undefined, signal);
      signal.throwIfAborted();
    } catch (error) {
      if (entry.isTaken || this.#hasLeft) return;
      if (!(error instanceof SessionFailure)) machine.log.error({ err: error }, 'warm machine broke');
      await this.#end(entry, toFailure(error));
    }
  }

  /** Takes down what is not claimed: it failed, or was thrown away. */
  async #end(entry: Entry, { code, message }: SessionFailure): Promise<void> {
    const { machine } = entry;
    if (this.#entries.delete(entry)) this.#backOff(entry, code, message);
    machine.life.abort(new SessionFailure(code, message));
    this.#awaitEnd(entry);
    at('warm machine ending');
    const again = { againMs: this.#deps.againMs ?? STEP_LIMITS.again, signal: this.#over.signal, onTried: entry.gone.resolve };
    if (!(await takeDown(machine, again))) return;
    this.#deps.onGone(machine);
    this.#bell.ring();
  }

  /** It failed by itself. */
  #backOff({ machine, bornAt, isUp }: Entry, code: string, reason: string): void {
    if (isUp && performance.now() - bornAt > STEADY_MS) this.#pauseMs = this.#deps.rhythm.firstPause;
    machine.log.warn({ code, reason, againInMs: this.#pauseMs }, 'warm machine failed: it is thrown away');
    this.#deps.observer?.failed(code);
    this.#notBefore = performance.now() + this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
  }

  #discard(entry: Entry, reason: SessionFailure): void {
    this.#entries.delete(entry);
    entry.machine.log.info({ code: reason.code, reason: reason.message }, 'warm machine thrown away');
    // At once: what it has begins to go a turn later.
    this.#awaitEnd(entry);
    entry.machine.life.abort(reason);
  }

  #awaitEnd({ gone: { promise } }: Entry): void {
    this.#ending.add(promise);
    void promise.then(() => this.#ending.delete(promise));
  }

  #isFit({ machine, key, isUp, isTaken }: Entry): boolean {
    return (
      isUp && !isTaken && key === this.#key && machine.isHeard && isDesktopReady(machine.status.services) && !machine.life.signal.aborted
    );
  }

  /** Why it is to be thrown away; undefined when it is as it has to be. */
  #findFault(entry: Entry): SessionFailure | undefined {
    const { machine, key, bornAt, isUp } = entry;
    const now = performance.now();
    if (key !== this.#key) return new SessionFailure('warm_stale', 'the image, the kernel or a setting is another one now');
    if (now - bornAt > this.#deps.maxAgeMs) return new SessionFailure('warm_too_old', 'it has waited for a session for too long');
    const isWell = !isUp || this.#isFit(entry);
    entry.unwellSince = isWell ? undefined : (entry.unwellSince ?? now);
    if (isWell || now - entry.unwellSince! < UNWELL_MS) return undefined;
    const what = machine.isHeard ? 'its desktop is not ready any more' : 'its agent went away';
    return new SessionFailure('warm_unwell', `${what}, and was not back within ${UNWELL_MS / 1000} s`);
  }
}
