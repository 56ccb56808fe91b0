import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ifPossible } from './if-possible.ts';

/** `delivered`; `refused`: it will never be taken; `failed`: it is tried again; `given_up`: it was tried for long enough. */
export type DeliveryResult = 'delivered' | 'refused' | 'failed' | 'given_up';

const RESULTS: readonly DeliveryResult[] = ['delivered', 'refused', 'failed', 'given_up'];

export interface WebhookMeter {
  tried(receiver: string, result: DeliveryResult, ms: number): void;
  gaveUp(receiver: string): void;
  /** Says what is owed, when it is asked. */
  owes(read: () => { receiver: string; pending: number; oldestSeconds: number }[]): void;
}

/** What receivers are told. `receiver` is the host of its address: the rest may be a secret. */
export function createWebhookMeter(registers: Registry[]): WebhookMeter {
  const results = new Counter({
    name: 'oriel_webhook_deliveries_total',
    help: 'Tries to deliver an event: delivered, refused, failed (and tried again); and events that were given up',
    labelNames: ['receiver', 'result'],
    registers,
  });
  const seconds = new Histogram({
    name: 'oriel_webhook_try_seconds',
    help: 'Time that a receiver took to answer, or did not',
    labelNames: ['receiver'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  let read: Parameters<WebhookMeter['owes']>[0] = () => [];
  const gauge = (name: string, help: string, toValue: (owed: ReturnType<typeof read>[number]) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['receiver'],
      registers,
      collect() {
        return ifPossible(() => {
          for (const owed of read()) this.set({ receiver: owed.receiver }, toValue(owed));
        });
      },
    });
  gauge('oriel_webhook_pending', 'Events that a receiver is still owed', ({ pending }) => pending);
  gauge('oriel_webhook_oldest_seconds', 'Age of the oldest event that a receiver is still owed', ({ oldestSeconds }) => oldestSeconds);
  return {
    tried(receiver, result, ms) {
      results.inc({ receiver, result });
      seconds.observe({ receiver }, ms / 1000);
    },
    gaveUp: (receiver) => results.inc({ receiver, result: 'given_up' }),
    owes(source) {
      read = source;
      // A line that comes with its first event shows Prometheus no increase.
      for (const { receiver } of read()) for (const result of RESULTS) results.inc({ receiver, result }, 0);
    },
  };
}
