import { takeCensus, type Instance } from './census.ts';
import { toLeftOver, type Records, type Trace } from './trace.ts';

export interface FindOptions {
  /** Rows of machines: a row is written before what it stands for is made, and removed after that is gone. */
  listMachines: () => Records['machines'];
  isControllerRunning: boolean;
  allProcesses?: boolean;
  census?: typeof takeCensus;
}

/**
 * What no record stands for. The records are read before the census and after: a machine that began or ended meanwhile is in one of them.
 * Throws when something cannot be listed.
 */
export async function findLeftOver(
  instance: Instance,
  { listMachines, isControllerRunning, allProcesses = false, census = takeCensus }: FindOptions,
): Promise<Trace[]> {
  const before = listMachines();
  const traces = await census(instance, { allProcesses });
  return toLeftOver(traces, { machines: [...before, ...listMachines()], isControllerRunning });
}
