import { readCpuPressure } from '../host/cpu-pressure.ts';
import { readAvailableMib } from '../host/memory.ts';
import { readCgroupLayout } from '../machines/shim/cgroup.ts';
import { readUsedMib } from '../machines/shim/used-memory.ts';
import type { HostRoom } from '../sessions/admission.ts';

/** Reads what this host has for one more machine: three small files of the kernel's, at each start. */
export async function createRoomReader(instance: string): Promise<() => Omit<HostRoom, 'sessions'>> {
  const layout = await readCgroupLayout();
  return () => ({ availableMib: readAvailableMib(), usedMib: readUsedMib(layout, instance), cpuPressure: readCpuPressure() });
}
