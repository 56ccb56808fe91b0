import { Counter, type Registry } from 'prom-client';

/** Under the names that the VMM has for them. */
export function measureVmm(registers: Registry[], readVmm: () => Record<string, number>): void {
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
