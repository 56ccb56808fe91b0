import { Counter, Histogram, type Registry } from 'prom-client';

export interface SignalMeter {
  offered(): void;
  /** `ms` since the offer; undefined when that was replaced meanwhile. */
  answered(ms: number | undefined): void;
  refused(): void;
}

/** Offers of pages, and what guests made of them. */
export function createSignalMeter(registers: Registry[]): SignalMeter {
  const offers = new Counter({ name: 'oriel_signal_offers_total', help: 'Offers that pages made', registers });
  const answers = new Counter({
    name: 'oriel_signal_answers_total',
    help: 'What guests said to offers: used, late (the page had made a newer offer) or refused',
    labelNames: ['result'],
    registers,
  });
  const seconds = new Histogram({
    name: 'oriel_signal_answer_seconds',
    help: 'Time from an offer to the answer that was used',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8],
    registers,
  });
  for (const result of ['used', 'late', 'refused']) answers.inc({ result }, 0);
  return {
    offered: () => offers.inc(),
    answered(ms) {
      answers.inc({ result: ms === undefined ? 'late' : 'used' });
      if (ms !== undefined) seconds.observe(ms / 1000);
    },
    refused: () => answers.inc({ result: 'refused' }),
  };
}
