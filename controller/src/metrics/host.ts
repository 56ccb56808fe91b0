import { Gauge, type Registry } from 'prom-client';
import type { ReadyReport } from '../routes/route-app.ts';
import { ifPossible } from './if-possible.ts';

export interface HostSource {
  /** The same as GET /ready. */
  checkReady?: () => Promise<ReadyReport>;
  /** Things on the host that no record stands for, by kind. */
  readLeftOver?: () => Record<string, number>;
  /** Room for the data directory. */
  readFreeMib?: () => number;
}

/** What of the host a session needs. The rest of a host is node_exporter's to tell. */
export function measureHost(registers: Registry[], { checkReady, readLeftOver, readFreeMib }: HostSource): void {
  if (checkReady) measureReady(registers, checkReady);
  if (readLeftOver) measureLeftOver(registers, readLeftOver);
  if (!readFreeMib) return;
  new Gauge({
    name: 'oriel_data_free_bytes',
    help: 'Room that is left on the file system of the data directory',
    registers,
    collect() {
      return ifPossible(() => this.set(readFreeMib() * 2 ** 20));
    },
  });
}

function measureReady(registers: Registry[], checkReady: () => Promise<ReadyReport>): void {
  new Gauge({
    name: 'oriel_ready',
    help: '1 for each thing that a start needs and that is there, as GET /ready tells it',
    labelNames: ['check'],
    registers,
    async collect() {
      const { checks } = await checkReady();
      for (const [check, state] of Object.entries(checks)) this.set({ check }, state === 'ok' ? 1 : 0);
    },
  });
}

function measureLeftOver(registers: Registry[], readLeftOver: () => Record<string, number>): void {
  new Gauge({
    name: 'oriel_left_over',
    help: 'Namespaces, groups, processes … of this instance that no record stands for, by kind; just doctor names them',
    labelNames: ['kind'],
    registers,
    collect() {
      this.reset();
      for (const [kind, count] of Object.entries(readLeftOver())) this.set({ kind }, count);
    },
  });
}
