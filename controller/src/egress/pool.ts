import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { Refusal } from '../refusal.ts';
import type { LeaseRow, LeaseTable } from '../store/leases.ts';
import type { Way } from './control-protocol.ts';
import type { Health } from './health.ts';
import type { NamedUpstream } from './upstreams-file.ts';

/** Each upstream that is well is somebody's, or was so a moment ago. */
export class EgressExhausted extends Refusal {
  override readonly name = 'EgressExhausted';
  constructor(message: string, retryAfterSeconds: number) {
    super(503, 'egress_exhausted', message, { retryAfterSeconds });
  }
}

export interface PoolDeps {
  table: LeaseTable;
  upstreams: readonly NamedUpstream[];
  /** So long after its last session a user keeps an upstream, and nobody else gets it. */
  cooldownMs: number;
  log: Logger;
  now?: () => number;
  onExhausted?: () => void;
}

export type PoolState = 'free' | 'leased' | 'cooling';
export type PoolCount = { state: PoolState; isUp: boolean; count: number };

/** Nobody can tell when an upstream is well again. */
const RETRY_SECONDS = 15;

/**
 * Upstreams and whose they are: one user has one, one is one user's.
 *
 *   free ──► leased ──► cooling ──► free
 *              ▲           │
 *              └───────────┘ its user comes back, unless it is not well
 *
 * A user keeps it as long as there is a session, well or not. One that the operator has taken away is replaced by another one.
 */
export class EgressPool {
  readonly #deps: Required<PoolDeps>;
  readonly #leases: Map<string, LeaseRow>;
  readonly #health = new Map<string, Health>();
  #upstreams: ReadonlyMap<string, NamedUpstream>;
  #ways: ReadonlyMap<string, Way>;

  constructor(deps: PoolDeps) {
    this.#deps = { now: Date.now, onExhausted: () => undefined, ...deps };
    this.#upstreams = toMap(deps.upstreams);
    this.#ways = toWays(deps.upstreams);
    this.#leases = new Map(deps.table.list().map((row) => [row.userId, row]));
  }

  get upstreams(): NamedUpstream[] {
    return [...this.#upstreams.values()];
  }

  /** Other upstreams, or the same with other passwords; `look` gives those who lost theirs another one. */
  replace(upstreams: readonly NamedUpstream[]): void {
    const before = this.#upstreams;
    this.#upstreams = toMap(upstreams);
    this.#ways = toWays(upstreams);
    for (const name of this.#health.keys()) if (!isSame(before.get(name), this.#upstreams.get(name))) this.#health.delete(name);
  }

  healthOf(name: string): Health | undefined {
    return this.#health.get(name);
  }

  setHealth(name: string, health: Health): void {
    if (this.#upstreams.has(name)) this.#health.set(name, health);
  }

  /** What gives this user an upstream, which is there now. Throws EgressExhausted. */
  find(userId: string): () => void {
    const lease = this.#leases.get(userId);
    const isKept = lease && this.#upstreams.has(lease.upstream) && (lease.idleSince === undefined || this.#isUp(lease.upstream));
    if (isKept) return () => this.#setIdle(lease, undefined);
    const name = this.#freeName;
    if (name === undefined) throw this.#toExhausted();
    return () => this.#lease(name, userId, lease);
  }

  /** By which this user's sessions leave; none when it has no upstream (any more). */
  wayOf(userId: string): Way {
    return this.#ways.get(this.#leases.get(userId)?.upstream ?? '') ?? 'none';
  }

  /** Which that is, and from where it is seen to come. */
  outside(userId: string): { upstream?: string; address?: string } {
    const name = this.#leases.get(userId)?.upstream;
    if (name === undefined) return {};
    const address = this.#health.get(name)?.address;
    return { upstream: name, ...(address !== undefined && { address }) };
  }

  /** `users` are those who have sessions: what the others had cools down, and is free after that. Throws StoreUnavailable. */
  look(users: ReadonlySet<string>): void {
    const now = this.#deps.now();
    for (const lease of [...this.#leases.values()]) {
      const { userId, upstream, idleSince } = lease;
      if (users.has(userId)) {
        if (idleSince !== undefined) this.#setIdle(lease, undefined);
        if (!this.#upstreams.has(upstream)) this.#move(userId, lease);
      } else if (idleSince === undefined) this.#setIdle(lease, new Date(now).toISOString());
      if (this.#isCold(this.#leases.get(userId))) this.#release(lease);
    }
    // Their sessions are of a time without upstreams.
    for (const userId of users) if (!this.#leases.has(userId)) this.#move(userId);
  }

  /** How many there are, by whose they are and whether they are well. */
  get counts(): PoolCount[] {
    const taken = new Map([...this.#leases.values()].map(({ upstream, idleSince }) => [upstream, idleSince] as const));
    const stateOf = (name: string): PoolState => (!taken.has(name) ? 'free' : taken.get(name) === undefined ? 'leased' : 'cooling');
    const all = [...this.#upstreams.keys()].map((name) => ({ state: stateOf(name), isUp: this.#isUp(name) }));
    const kinds = (['free', 'leased', 'cooling'] as const).flatMap((state) => [true, false].map((isUp) => ({ state, isUp })));
    return kinds.map((kind) => ({ ...kind, count: all.filter(({ state, isUp }) => state === kind.state && isUp === kind.isUp).length }));
  }

  #isUp(name: string): boolean {
    return this.#health.get(name)?.isUp ?? false;
  }

  get #freeName(): string | undefined {
    const taken = new Set([...this.#leases.values()].map(({ upstream }) => upstream));
    return [...this.#upstreams.keys()].find((name) => !taken.has(name) && this.#isUp(name));
  }

  #isCold(lease: LeaseRow | undefined): boolean {
    return lease?.idleSince !== undefined && this.#deps.now() - Date.parse(lease.idleSince) >= this.#deps.cooldownMs;
  }

  #lease(upstream: string, userId: string, before: LeaseRow | undefined): void {
    const row = { upstream, userId, since: new Date(this.#deps.now()).toISOString() };
    this.#deps.table.take(row);
    this.#leases.set(userId, row);
    this.#deps.log.info({ upstream, user: userId, ...(before && { before: before.upstream }) }, 'upstream leased');
  }

  /** To another one, as soon as one is free. */
  #move(userId: string, lease?: LeaseRow): void {
    const name = this.#freeName;
    if (name !== undefined) this.#lease(name, userId, lease);
  }

  #setIdle(lease: LeaseRow, since: string | undefined): void {
    if (lease.idleSince === since) return;
    this.#deps.table.setIdle(lease.upstream, since);
    const { idleSince: _old, ...rest } = lease;
    this.#leases.set(lease.userId, { ...rest, ...(since !== undefined && { idleSince: since }) });
  }

  #release({ upstream, userId }: LeaseRow): void {
    this.#deps.table.remove(upstream);
    this.#leases.delete(userId);
    this.#deps.log.info({ upstream, user: userId }, 'upstream released');
  }

  #toExhausted(): EgressExhausted {
    this.#deps.onExhausted();
    const { cooldownMs, now } = this.#deps;
    const ends = [...this.#leases.values()].flatMap(({ upstream, idleSince }) =>
      idleSince !== undefined && this.#isUp(upstream) ? [Date.parse(idleSince) + cooldownMs - now()] : [],
    );
    const seconds = ends.length === 0 ? RETRY_SECONDS : Math.max(1, Math.ceil(Math.min(...ends) / 1000));
    const words = this.counts.flatMap(({ state, isUp, count }) => (count > 0 ? [`${count} ${state}${isUp ? '' : ' and not well'}`] : []));
    return new EgressExhausted(`no upstream is free for another user: ${words.join(', ') || 'there are none'}`, Math.min(seconds, 3_600));
  }
}

function toMap(upstreams: readonly NamedUpstream[]): ReadonlyMap<string, NamedUpstream> {
  return new Map(upstreams.map((upstream) => [upstream.name, upstream]));
}

/** What of an upstream is the egress process's business. */
function toWays(upstreams: readonly NamedUpstream[]): ReadonlyMap<string, Way> {
  return new Map(upstreams.map(({ name, ...way }) => [name, way]));
}

function isSame(a: NamedUpstream | undefined, b: NamedUpstream | undefined): boolean {
  return isDeepStrictEqual(a, b);
}
