import { createVmContext, type VmContext } from '../../vm/context.ts';
import type { Accelerator } from './argv.ts';
import type { QemuDriverOptions } from './driver.ts';

/** What all verbs of one driver share. */
export interface Context extends VmContext {
  accelerator: Accelerator;
}

export function createContext(options: QemuDriverOptions): Context {
  return { ...createVmContext(options), accelerator: options.accelerator };
}
