import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Probe, Probed, Way } from './control-protocol.ts';
import { toHealth, type Health } from './health.ts';
import type { EgressPool } from './pool.ts';

export interface ProberDeps {
  /** Tries a way; rejects when that could not be tried. */
  probe: (probe: Probe) => Promise<Probed>;
  pool: EgressPool | undefined;
  /** What is fetched through each way, and may answer with the address that it came from. */
  url: string | undefined;
  everyMs: number;
  log: Logger;
  onProbed?: (probed: Probed) => void;
}

/** A way that takes longer is none. */
const LIMIT_MS = 5_000;
const AT_ONE_TIME = 32;

/** Tries each upstream again and again; without upstreams it only learns from where this host is seen to come. */
export class Prober {
  readonly #deps: ProberDeps;
  readonly #limit = pLimit(AT_ONE_TIME);
  readonly #trying = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #direct: Health | undefined;

  constructor(deps: ProberDeps) {
    this.#deps = deps;
  }

  /** From where this host is seen to come, where there are no upstreams. */
  get directAddress(): string | undefined {
    return this.#direct?.address;
  }

  start(): void {
    const { pool, url, everyMs } = this.#deps;
    if (pool || url !== undefined) this.#timer = setInterval(() => void this.round(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#limit.clearQueue();
  }

  /** Tries all once, each at most once at a time. Never rejects. */
  async round(): Promise<void> {
    const { pool, url } = this.#deps;
    if (!pool) return url === undefined ? undefined : this.#once('', () => this.#tryDirect());
    const upstreams = pool.upstreams.map(({ name, ...way }) => this.#once(name, () => this.#tryUpstream(name, way)));
    await Promise.all(upstreams);
  }

  #once(name: string, act: () => Promise<void>): Promise<void> {
    const known = this.#trying.get(name);
    if (known) return known;
    const trying = this.#limit(act).finally(() => this.#trying.delete(name));
    this.#trying.set(name, trying);
    return trying;
  }

  async #tryDirect(): Promise<void> {
    const probed = await this.#try('direct');
    if (probed) this.#direct = toHealth(this.#direct, probed);
  }

  async #tryUpstream(name: string, way: Way): Promise<void> {
    const { pool, log } = this.#deps;
    const probed = await this.#try(way);
    if (!probed) return;
    const before = pool!.healthOf(name);
    const health = toHealth(before, probed);
    pool!.setHealth(name, health);
    if (before?.isUp === health.isUp) return;
    const { address, why } = health;
    if (health.isUp) log.info({ upstream: name, address, ms: probed.ms }, 'upstream is well');
    else log.warn({ upstream: name, why }, 'upstream is not well: nobody gets it');
  }

  /** Undefined when it could not be tried: that says nothing of the way. */
  async #try(way: Way): Promise<Probed | undefined> {
    const { probe, url, onProbed } = this.#deps;
    const probed = await probe({ way, timeoutMs: LIMIT_MS, ...(url !== undefined && { url }) }).catch(() => undefined);
    if (probed) onProbed?.(probed);
    return probed;
  }
}
