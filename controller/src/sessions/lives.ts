import { setTimeout as sleep } from 'node:timers/promises';
import type { ReasonCode } from '#contract/reason-code';
import type { Config } from '../config.ts';
import { until } from '../signal/bell.ts';
import { startDeadlines, TOO_OLD, type Deadlines } from './deadlines.ts';
import { SessionFailure } from './errors.ts';
import type { Ledger, Reason } from './ledger.ts';
import type { LastWords } from './last-words.ts';
import type { LiveSession } from './live-session.ts';
import { explainPassed, toFailure } from './reason.ts';
import { STEP_LIMITS } from './step-limits.ts';
import { takeDown } from './take-down.ts';
import type { FinalStatus } from './transitions.ts';

export interface LivesDeps {
  timeoutMs: Config['timeoutMs'];
  ledger: Pick<Ledger, 'read'>;
  /** Whose it is. */
  userOf(id: string): string;
  /** How long there has been a session of this id, ms. */
  readAge(id: string): number;
  lastWords: LastWords;
  /** Until what could not be taken down is tried again, ms. */
  againMs?: number | undefined;
  /** Everything of it is taken down. */
  onGone(live: LiveSession): void;
}

interface Entry {
  live: LiveSession;
  user: string;
  deadlines: Deadlines;
  /** Settles when everything of the session is taken down, or what is left is tried again. Never rejects. */
  gone: PromiseWithResolvers<void>;
  failed: boolean;
  /** Aborts when the machine of a session that failed need not be left any longer. */
  leave: AbortController;
}

/**
 * Sessions that have a machine, from `enter` to the moment at which nothing of it is left.
 *
 *   comes up ──► is there ──► ends (a final status) ──► lingers, when it failed and somebody wants to look ──► taken down
 */
export class Lives {
  readonly #deps: LivesDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new AbortController();
  /** On their way to their desktops. */
  #comingUp = 0;
  #hasLetGo = false;

  constructor(deps: LivesDeps) {
    this.#deps = deps;
  }

  /** Those that hold a slot. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whose they are. */
  get users(): string[] {
    return [...this.#entries.values()].map(({ user }) => user);
  }

  get comingUp(): number {
    return this.#comingUp;
  }

  /** Also one that is being taken down. */
  find(id: string): LiveSession | undefined {
    return this.#entries.get(id)?.live;
  }

  /** When it ends by itself. */
  deadlinesOf(id: string): Deadlines | undefined {
    return this.#entries.get(id)?.deadlines;
  }

  /** Begins a session's life, by `act`, which ends it where it rejects; settles with its end. */
  enter(live: LiveSession, act: () => Promise<void>, longestMs = this.#deps.timeoutMs.session): Promise<void> {
    live.machine.onFailure = (failure) => this.#fail(live, failure);
    const user = this.#deps.userOf(live.id);
    const limits = { ...this.#deps.timeoutMs, session: longestMs };
    const onPassed = (passed: SessionFailure) =>
      this.end(
        live.id,
        'expired',
        'clock',
        explainPassed(passed, () => this.#deps.ledger.read(live.id)),
      );
    const deadlines = startDeadlines(limits, onPassed, { age: this.#deps.readAge(live.id) });
    const gone = Promise.withResolvers<void>();
    this.#entries.set(live.id, { live, user, deadlines, gone, failed: false, leave: new AbortController() });
    void this.#run(live, act).then(gone.resolve);
    return gone.promise;
  }

  /** Ends one, unless it has ended; what it has is taken down behind this. */
  end(id: string, to: FinalStatus, who: string, reason: Reason): void {
    const entry = this.#entries.get(id);
    if (this.#hasLetGo || !entry || !this.#deps.lastWords.end(id, to, who, reason)) return;
    entry.deadlines.clear();
    entry.failed = to === 'failed';
    entry.live.life.abort(new SessionFailure(reason.code as ReasonCode, reason.message));
  }

  /** Ends one; resolves when everything of it is taken down, or what is left is tried again. False when there is none. */
  async stop(id: string, who: string, reason: Reason): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    // What runs is ended whether the database can be read or not.
    this.end(id, 'stopped', who, reason);
    entry.leave.abort();
    await entry.gone.promise;
    return true;
  }

  /** Ends all. */
  async close(who: string, reason: Reason): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#entries.keys()].map((id) => this.stop(id, who, reason)));
    for (const { live } of this.#entries.values()) live.machine.hold.abort();
  }

  /** No machine of a failed session is left any longer; resolves when those are gone that are just being taken down. */
  async settle(): Promise<void> {
    this.#closing.abort();
    const ending = [...this.#entries.values()].filter(({ live }) => live.life.signal.aborted);
    await Promise.all(ending.map(({ gone }) => gone.promise));
  }

  /** From now on all are the next controller's. */
  letGo(): void {
    this.#hasLetGo = true;
    for (const { live, deadlines } of this.#entries.values()) {
      deadlines.clear();
      live.machine.hold.abort();
    }
    this.#entries.clear();
  }

  /** The whole life of a session. */
  async #run(live: LiveSession, act: () => Promise<void>): Promise<void> {
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
    if (!this.#hasLetGo) await this.#takeDown(live);
  }

  async #takeDown(live: LiveSession): Promise<void> {
    const endedAt = performance.now();
    const { againMs = STEP_LIMITS.again } = this.#deps;
    const onTried = () => this.#entries.get(live.id)?.gone.resolve();
    if (!(await takeDown(live.machine, { againMs, signal: live.machine.hold.signal, onTried }))) return;
    live.log.info({ ms: Math.round(performance.now() - endedAt) }, 'session taken down');
    this.#entries.get(live.id)?.deadlines.clear();
    this.#entries.delete(live.id);
    this.#deps.onGone(live);
  }

  /** The machine of a session that failed is left for a while, where an operator wants to look at it; in its slot. */
  async #linger(live: LiveSession): Promise<void> {
    const { failed, leave } = this.#entries.get(live.id)!;
    const graceMs = this.#deps.timeoutMs.failedGrace;
    if (!failed || graceMs === 0 || this.#closing.signal.aborted || !live.undo.has('machine')) return;
    live.log.warn({ graceMs }, 'machine of a failed session is left to be looked at');
    const signal = AbortSignal.any([leave.signal, this.#closing.signal]);
    await sleep(graceMs, undefined, { signal }).catch(() => undefined);
  }

  #fail(live: LiveSession, error: unknown): void {
    if (live.life.signal.aborted || this.#hasLetGo) return;
    if (!(error instanceof SessionFailure)) live.log.error({ err: error }, 'bring-up broke');
    const { code, message } = toFailure(error);
    this.end(live.id, code === TOO_OLD ? 'expired' : 'failed', 'controller', { code, message });
  }
}
