import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { ImageAge } from '../machines/image-age.ts';
import type { Store } from '../store/store.ts';
import type { Observer } from './ledger.ts';
import { OPEN_STATUSES } from './transitions.ts';
import { addWarm } from './warm-metrics.ts';
import type { WarmCounts } from './warm-pool.ts';

export interface Metrics extends Observer {
  render(): Promise<{ contentType: string; text: string }>;
}

/**
 * What Prometheus asks for. Nothing of it names a session or a user. `readImage` gives the image that new machines boot, `readVmm` what
 * the VMMs of all machines have counted, `readWarm` how many machines wait for a session.
 */
export function createMetrics(
  store: Pick<Store, 'sessions'>,
  readImage: () => Promise<ImageAge | undefined>,
  readVmm: () => Record<string, number> = () => ({}),
  readWarm: () => WarmCounts = () => ({ booting: 0, ready: 0 }),
): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const moved = new Counter({
    name: 'oriel_session_transitions_total',
    help: 'Sessions by the status that they reached, with the code of the reason',
    labelNames: ['to', 'code'],
    registers,
  });
  const phases = new Histogram({
    name: 'oriel_session_phase_seconds',
    help: 'Time that each phase of bring-up took',
    labelNames: ['phase'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const refusals = new Counter({
    name: 'oriel_admission_refusals_total',
    help: 'Starts that were refused because the host was full, by what it lacked: slots, memory or cpu',
    labelNames: ['of'],
    registers,
  });
  new Gauge({
    name: 'oriel_sessions',
    help: 'Sessions that are not over, by status',
    labelNames: ['status'],
    registers,
    collect() {
      const counts = store.sessions.countByStatus();
      for (const status of OPEN_STATUSES) this.set({ status }, counts[status] ?? 0);
    },
  });
  addImageAge(registers, readImage);
  addVmm(registers, readVmm);
  return {
    moved: (to, reason) => moved.inc({ to, code: reason?.code ?? '' }),
    warm: addWarm(registers, readWarm),
    refused: (of) => refusals.inc({ of }),
    phaseEnded: (phase, ms) => phases.observe({ phase }, ms / 1000),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** Both say the same: the age for an alert, the date for a person. An image that is replaced takes its lines with it. */
function addImageAge(registers: Registry[], readImage: () => Promise<ImageAge | undefined>): void {
  const gauges: Record<string, [help: string, toValue: (epoch: number) => number]> = {
    oriel_image_age_seconds: ['Time since the security updates that the image has', (epoch) => Date.now() / 1000 - epoch],
    oriel_image_security_epoch_seconds: ['Date of the security updates that the image has, since 1970', (epoch) => epoch],
  };
  for (const [name, [help, toValue]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      labelNames: ['image'],
      registers,
      async collect() {
        const image = await readImage();
        this.reset();
        if (image) this.set({ image: image.id.slice(0, 12) }, toValue(image.epoch));
      },
    });
  }
}

/** Under the names that the VMM has for them. */
function addVmm(registers: Registry[], readVmm: () => Record<string, number>): void {
  new Counter({
    name: 'oriel_vmm_total',
    help: 'What the VMMs of all machines counted, by its name there: bytes, limits that were hit, faults',
    labelNames: ['name'],
    registers,
    collect() {
      this.reset();
      for (const [name, value] of Object.entries(readVmm())) this.inc({ name }, value);
    },
  });
}
