import { createVmContext, type VmContext } from '../../vm/context.ts';
import type { FirecrackerDriverOptions } from './driver.ts';
import type { VmmNumbers } from './metrics.ts';
import { findPrograms, type Programs } from './programs.ts';

/** What all verbs of one driver share. */
export interface Context extends VmContext {
  /** Looked for at each start: they can be put there, or replaced, while the controller runs. */
  programs(): Promise<Programs>;
  totals: VmmNumbers;
}

export function createContext(options: FirecrackerDriverOptions): Context {
  return { ...createVmContext(options), programs: options.findPrograms ?? findPrograms, totals: {} };
}
