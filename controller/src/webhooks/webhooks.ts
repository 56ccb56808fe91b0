import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionEvent } from '#contract/event';
import type { Logger } from 'pino';
import type { EventFeed } from '../events/feed.ts';
import type { WebhookMeter } from '../metrics/webhooks.ts';
import type { DeliveryTable } from '../store/deliveries.ts';
import type { Post } from './post.ts';
import { Receiver, type Pauses } from './receiver.ts';

export interface WebhookOptions {
  urls: readonly string[];
  table: DeliveryTable;
  feed: Pick<EventFeed, 'changed'>;
  post: Post;
  meter: WebhookMeter;
  log: Logger;
  /** An event that was owed for so long is given up. */
  giveUpMs: number;
  /** Between two tries of one event; a test has shorter ones. */
  pauses?: Pauses;
  /** How long the end waits for what is under way. */
  drainMs?: number;
}

/** What is left to do when the database could not be asked. */
const LOOK_AGAIN_MS = 5_000;
const DRAIN_MS = 2_000;
const LOOK_MS = 10;

/**
 * Tells receivers what happens. A session never waits for it: an event is in the database before this knows of it, and stays there until
 * a receiver has it. A controller that is killed goes on at its next start: at least once, with the same id.
 *
 *   transitions ──fill──► webhook_deliveries ──receiver──► delivered | refused | given up: removed
 */
export class Webhooks {
  readonly #options: WebhookOptions;
  readonly #receivers: Receiver[];
  readonly #life = new AbortController();
  #running = Promise.resolve();

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#receivers = options.urls.map((url) => new Receiver(url, options, this.#life.signal));
  }

  start(): void {
    const { urls, table, log, meter } = this.#options;
    const dropped = table.owe(urls);
    if (dropped > 0) log.warn({ dropped }, 'webhooks that are not configured any more were owed events: they are dropped');
    meter.owes(() => this.#receivers.map((receiver) => receiver.owed()));
    if (urls.length > 0) this.#running = this.#run();
  }

  /** What happened last has a moment to get through; what is owed then is broken off, and delivered by the next controller. */
  async stop(): Promise<void> {
    for (const receiver of this.#receivers) this.#fill(receiver);
    const { drainMs = DRAIN_MS } = this.#options;
    for (const until = performance.now() + drainMs; this.#isOwing && performance.now() < until;) await sleep(LOOK_MS);
    this.#life.abort();
    await this.#running;
    await Promise.all(this.#receivers.map((receiver) => receiver.idle()));
  }

  get #isOwing(): boolean {
    return this.#receivers.some((receiver) => receiver.isBusy);
  }

  async #run(): Promise<void> {
    const { feed } = this.#options;
    const { signal } = this.#life;
    while (!signal.aborted) {
      const changed = feed.changed.next(AbortSignal.any([signal, AbortSignal.timeout(LOOK_AGAIN_MS)]));
      for (const receiver of this.#receivers) this.#fill(receiver);
      await changed;
    }
  }

  #fill(receiver: Receiver): void {
    const { table, log } = this.#options;
    try {
      while (table.fill(receiver.url, toPayload, new Date().toISOString()));
      receiver.pump();
    } catch (err) {
      log.warn({ err, receiver: receiver.name }, 'what a webhook is owed cannot be written down; it will be');
    }
  }
}

export function toPayload(data: SessionEvent): string {
  return JSON.stringify({ type: `session.${data.to}`, timestamp: data.at, data });
}
