import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Probed } from '../egress/control-protocol.ts';
import type { PoolCount } from '../egress/pool.ts';

/** What happens to upstreams, told by those who do it. */
export interface UpstreamMeter {
  probed(probed: Probed): void;
  /** A start was refused for want of one. */
  exhausted(): void;
  /** The operator's file was read again, or could not be. */
  fileRead(isGood: boolean): void;
}

/** Whose the upstreams are, and whether they are well. */
export function measureUpstreams(registers: Registry[], readPool: () => PoolCount[]): void {
  new Gauge({
    name: 'oriel_egress_upstreams',
    help: 'Upstreams, by whose they are (free, leased, cooling: kept for the user who had it) and whether they are well',
    labelNames: ['state', 'health'],
    registers,
    collect() {
      for (const { state, isUp, count } of readPool()) this.set({ state, health: isUp ? 'up' : 'down' }, count);
    },
  });
}

export function createUpstreamMeter(registers: Registry[]): UpstreamMeter {
  const refused = new Counter({
    name: 'oriel_egress_exhausted_total',
    help: 'Starts that were refused because no upstream was free for another user',
    registers,
  });
  const probes = new Counter({ name: 'oriel_egress_probes_total', help: 'Tries of a way out', labelNames: ['result'], registers });
  const took = new Histogram({
    name: 'oriel_egress_probe_seconds',
    help: 'Time that a try of a way out took, whether it worked or not',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5],
    registers,
  });
  const isFileGood = new Gauge({
    name: 'oriel_egress_upstreams_file_good',
    help: '0 while ORIEL_EGRESS_UPSTREAMS_FILE is wrong, and the upstreams are those that stood there before',
    registers,
  });
  isFileGood.set(1);
  return {
    probed({ why, ms }) {
      probes.inc({ result: why === undefined ? 'ok' : 'failed' });
      took.observe(ms / 1000);
    },
    exhausted: () => refused.inc(),
    fileRead: (isGood) => isFileGood.set(isGood ? 1 : 0),
  };
}
