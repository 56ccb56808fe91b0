import type { MachineDriver } from './driver.ts';

/** What the VMMs of a driver counted, by name; empty for a driver that has no such numbers. */
export function readVmmTotals(driver: MachineDriver | (MachineDriver & { readTotals(): Record<string, number> })): Record<string, number> {
  return 'readTotals' in driver ? driver.readTotals() : {};
}
