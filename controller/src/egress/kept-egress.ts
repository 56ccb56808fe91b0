import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Slot } from '../net/slot.ts';
import { EgressFailed } from './control-client.ts';
import type { Egress, EgressLease } from './egress.ts';
import type { EgressTotals } from './totals.ts';

export interface KeptEgressOptions {
  /** Starts an egress process, or finds the one that runs. */
  start: () => Promise<Egress>;
  log: Logger;
  /** First pause between two tries, ms; doubled up to `mostMs`. */
  firstMs?: number;
  mostMs?: number;
}

interface Held {
  slot: Slot;
  lease: EgressLease;
}

/** A process that lived so long did not die of being started. */
const STEADY_MS = 10_000;

/** The egress process, started again when it dies by itself, with every lease that it had. */
export class KeptEgress {
  readonly #options: Required<KeptEgressOptions>;
  readonly #leases = new Map<number, Held>();
  /** Undefined while it is away. */
  #egress: Egress | undefined;
  #back: Promise<void>;
  readonly #life = new AbortController();
  #pauseMs: number;
  /** Resolves when the first one is there. Rejects with EgressFailed when it does not start: no other is tried then. */
  readonly ready: Promise<void>;

  constructor(options: KeptEgressOptions) {
    this.#options = { firstMs: 50, mostMs: 5_000, ...options };
    this.#pauseMs = this.#options.firstMs;
    this.ready = options.start().then((egress) => this.#watch(egress));
    // Whoever waits for it is told.
    this.#back = this.ready.catch(() => this.#life.abort());
  }

  /** `ok`, or what is wrong. */
  get state(): string {
    return this.#egress ? 'ok' : 'the egress process ended; it is being started again';
  }

  /** What went through the process that runs; undefined while none does. */
  async totals(): Promise<EgressTotals | undefined> {
    return this.#egress?.totals();
  }

  /** Opens the slot's way out; waits while the process is being started again. Throws EgressFailed. */
  async open(slot: Slot, lease: EgressLease): Promise<void> {
    this.#leases.set(slot.index, { slot, lease });
    while (!this.#egress) {
      if (this.#life.signal.aborted) throw new EgressFailed('the egress process was stopped');
      await this.#back;
    }
    await this.#egress.open(slot, lease);
  }

  /** Ends everything of the slot. Of a process that is away nothing is left to end. */
  async close(slot: Slot): Promise<void> {
    this.#leases.delete(slot.index);
    await this.#egress?.close(slot);
  }

  /** Leaves the process to the next controller: should it end now, it is for that one to start it again. */
  letGo(): void {
    this.#life.abort();
  }

  /** Ends the process for good. */
  async stop(): Promise<void> {
    this.#life.abort();
    await this.#back;
    await this.#egress?.stop();
  }

  #watch(egress: Egress): void {
    const startedAt = performance.now();
    this.#egress = egress;
    void egress.exited.then(() => {
      this.#egress = undefined;
      if (this.#life.signal.aborted) return;
      if (performance.now() - startedAt > STEADY_MS) this.#pauseMs = this.#options.firstMs;
      this.#options.log.error({ egress: egress.pid, slots: this.#leases.size }, 'egress process ended by itself: it is started again');
      this.#back = this.#bringBack();
    });
  }

  async #bringBack(): Promise<void> {
    const { start, log, mostMs } = this.#options;
    const { signal } = this.#life;
    for (;;) {
      await sleep(this.#pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      this.#pauseMs = Math.min(mostMs, this.#pauseMs * 2);
      try {
        const egress = await start();
        await this.#reopen(egress);
        return this.#watch(egress);
      } catch (error) {
        log.error({ err: error }, 'egress process does not start');
      }
    }
  }

  /** A slot that is closed meanwhile stays closed; one that cannot be opened must not keep the others waiting. */
  async #reopen(egress: Egress): Promise<void> {
    for (const [index, held] of this.#leases) {
      await egress
        .open(held.slot, held.lease)
        .catch((error: unknown) => this.#options.log.error({ err: error, slot: index }, 'way out cannot be opened again'));
      if (this.#leases.get(index) !== held) await egress.close(held.slot);
    }
  }
}
