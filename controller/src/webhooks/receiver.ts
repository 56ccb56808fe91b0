import pLimit from 'p-limit';
import pRetry from 'p-retry';
import type { Logger } from 'pino';
import type { DeliveryResult, WebhookMeter } from '../metrics/webhooks.ts';
import type { Delivery, DeliveryTable } from '../store/deliveries.ts';
import { DeliveryFailed, type Post } from './post.ts';

export interface Pauses {
  minTimeout: number;
  maxTimeout: number;
}

export interface ReceiverDeps {
  table: DeliveryTable;
  post: Post;
  meter: WebhookMeter;
  log: Logger;
  giveUpMs: number;
  pauses?: Pauses;
}

/** Asked of one receiver at a time; those that wait for their next try do not count. */
const AT_ONCE = 8;
/** Held in memory; the others are in the database. */
const HELD = 1000;
const PAUSES: Pauses = { minTimeout: 1_000, maxTimeout: 10 * 60_000 };

/** One address that is told of events, each by itself: one that it cannot take does not hold up those after it. */
export class Receiver {
  readonly url: string;
  /** How it is called in logs and metrics: the rest of an address may be a secret. */
  readonly name: string;
  readonly #deps: ReceiverDeps;
  readonly #signal: AbortSignal;
  readonly #limit = pLimit(AT_ONCE);
  readonly #held = new Map<number, Promise<void>>();
  #last = 0;

  constructor(url: string, deps: ReceiverDeps, signal: AbortSignal) {
    this.url = url;
    this.name = new URL(url).host;
    this.#deps = deps;
    this.#signal = signal;
  }

  /** Takes up what is owed and not held yet. */
  pump(): void {
    if (this.#signal.aborted || this.#held.size >= HELD) return;
    for (const delivery of this.#deps.table.pending(this.url, this.#last, HELD - this.#held.size)) {
      this.#last = delivery.eventId;
      this.#held.set(delivery.eventId, this.#deliver(delivery));
    }
  }

  owed(): { receiver: string; pending: number; oldestSeconds: number } {
    const { pending, oldest } = this.#deps.table.backlog(this.url);
    return { receiver: this.name, pending, oldestSeconds: oldest === undefined ? 0 : Math.max(0, Date.now() - Date.parse(oldest)) / 1000 };
  }

  get isBusy(): boolean {
    return this.#held.size > 0;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#held.values());
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { eventId, createdAt } = delivery;
    const giveUpAt = Date.parse(createdAt) + this.#deps.giveUpMs;
    try {
      await pRetry(() => this.#limit(() => this.#try(delivery)), {
        ...(this.#deps.pauses ?? PAUSES),
        retries: Infinity,
        randomize: true,
        unref: true,
        signal: this.#signal,
        shouldRetry: ({ error }) => !(error instanceof DeliveryFailed && error.isFinal) && Date.now() < giveUpAt,
      });
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#tellLost(eventId, error as Error);
    }
    this.#remove(eventId);
    this.#held.delete(eventId);
    this.pump();
  }

  async #try({ id, payload }: Delivery): Promise<void> {
    this.#signal.throwIfAborted();
    const started = performance.now();
    const tell = (result: DeliveryResult) => this.#deps.meter.tried(this.name, result, performance.now() - started);
    try {
      await this.#deps.post(this.url, { id, payload }, this.#signal);
      tell('delivered');
    } catch (error) {
      if (!this.#signal.aborted) tell(error instanceof DeliveryFailed && error.isFinal ? 'refused' : 'failed');
      throw error;
    }
  }

  #tellLost(event: number, error: Error): void {
    const { log, meter } = this.#deps;
    const isRefused = error instanceof DeliveryFailed && error.isFinal;
    if (!isRefused) meter.gaveUp(this.name);
    const words = isRefused ? 'a webhook refused an event' : 'an event was given up: its webhook has not taken it for too long';
    log.error({ receiver: this.name, event, reason: error.message }, words);
  }

  /** One that cannot be removed is delivered again by the next controller: its id tells. */
  #remove(eventId: number): void {
    try {
      this.#deps.table.remove(this.url, eventId);
    } catch (err) {
      this.#deps.log.warn({ err, receiver: this.name, event: eventId }, 'a delivered event cannot be removed');
    }
  }
}
