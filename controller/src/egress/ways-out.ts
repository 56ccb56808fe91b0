import { isDeepStrictEqual } from 'node:util';
import type { EgressRules } from '#contract/egress';
import type { Logger } from 'pino';
import type { Slot } from '../net/slot.ts';
import type { EgressLimits, SlotCounts } from './control-protocol.ts';
import type { EgressLease } from './egress.ts';
import type { KeptEgress } from './kept-egress.ts';
import type { EgressPool } from './pool.ts';

/** Who wants out. */
export interface WayAsked {
  machineId: string;
  user: string;
  rules: EgressRules;
}

/** The ways out of sessions, as they see them. */
export interface WaysOut {
  /** What gives this user a way out of its own, which is there now. Throws EgressExhausted. */
  find(user: string): () => void;
  /** Opens the way out of the machine in this slot; one that is open as it is asked for is left alone. */
  open(slot: Slot, asked: WayAsked): Promise<void>;
  /** Ends everything of the slot; what went through it, if it was open. */
  close(slot: Slot): Promise<SlotCounts | undefined>;
  /** By which upstream this user leaves, and from where it is seen to come. */
  outside(user: string): { upstream?: string; address?: string };
  /** What has gone through the slot, some seconds ago. */
  counts(slot: Slot): SlotCounts | undefined;
  /** Those who have sessions: what others had is given back in time. */
  look(users: ReadonlySet<string>): void;
}

export interface WaysOutDeps {
  egress: Pick<KeptEgress, 'open' | 'close' | 'counts'>;
  /** Straight out without. */
  pool: EgressPool | undefined;
  /** Of what leaves straight out, where it is known. */
  directAddress: () => string | undefined;
  limits: EgressLimits;
  log: Logger;
}

/** What is shown of a session's traffic is so old at most, ms. */
const COUNT_MS = 5_000;

/** Ways out by the leases of their users. */
export class LeasedWays implements WaysOut {
  readonly #deps: WaysOutDeps;
  readonly #open = new Map<number, { slot: Slot; asked: WayAsked; lease: EgressLease }>();
  #counts: Record<string, SlotCounts> = {};
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: WaysOutDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#count(), COUNT_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  find(user: string): () => void {
    return this.#deps.pool?.find(user) ?? (() => undefined);
  }

  async open(slot: Slot, asked: WayAsked): Promise<void> {
    const lease = this.#toLease(asked);
    this.#open.set(slot.index, { slot, asked, lease });
    await this.#deps.egress.open(slot, lease);
  }

  async close(slot: Slot): Promise<SlotCounts | undefined> {
    this.#open.delete(slot.index);
    return this.#deps.egress.close(slot);
  }

  outside(user: string): { upstream?: string; address?: string } {
    const { pool, directAddress } = this.#deps;
    if (pool) return pool.outside(user);
    const address = directAddress();
    return address === undefined ? {} : { address };
  }

  counts({ index }: Slot): SlotCounts | undefined {
    return this.#open.has(index) ? this.#counts[index] : undefined;
  }

  look(users: ReadonlySet<string>): void {
    this.#deps.pool?.look(users);
    this.#follow();
  }

  /** Who has another upstream by now, or the same with another password, leaves by that: what was open ends. */
  #follow(): void {
    for (const [index, { slot, asked, lease }] of this.#open) {
      const now = this.#toLease(asked);
      if (now.way === lease.way || isDeepStrictEqual(now.way, lease.way)) continue;
      this.#open.set(index, { slot, asked, lease: now });
      this.#deps.egress
        .open(slot, now)
        .catch((err: unknown) => this.#deps.log.error({ err, machine: asked.machineId }, 'way out cannot be changed'));
    }
  }

  #toLease({ machineId, user, rules }: WayAsked): EgressLease {
    const { pool, limits } = this.#deps;
    return { machineId, way: pool ? pool.wayOf(user) : 'direct', rules, limits };
  }

  async #count(): Promise<void> {
    if (this.#open.size > 0) this.#counts = (await this.#deps.egress.counts().catch(() => undefined)) ?? this.#counts;
  }
}
