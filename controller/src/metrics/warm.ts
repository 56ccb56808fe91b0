import { Counter, Gauge, type Registry } from 'prom-client';
import type { WarmCounts, WarmObserver } from '../sessions/warm-pool.ts';

/** How many machines wait for a session. */
export function measureWarm(registers: Registry[], readWarm: () => WarmCounts): void {
  new Gauge({
    name: 'oriel_warm_machines',
    help: 'Machines of the warm pool, by state: ready to be claimed, or not yet (or not now)',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(readWarm())) this.set({ state }, count);
    },
  });
}

/** What becomes of them. */
export function createWarmMeter(registers: Registry[]): WarmObserver {
  const claims = new Counter({ name: 'oriel_warm_claims_total', help: 'Sessions that got a machine of the warm pool', registers });
  const misses = new Counter({ name: 'oriel_warm_misses_total', help: 'Sessions that started cold, as no machine was ready', registers });
  const failures = new Counter({
    name: 'oriel_warm_failures_total',
    help: 'Machines that did not come up, or ended, in the warm pool, with the code of the reason',
    labelNames: ['code'],
    registers,
  });
  return { claimed: () => claims.inc(), missed: () => misses.inc(), failed: (code) => failures.inc({ code }) };
}
